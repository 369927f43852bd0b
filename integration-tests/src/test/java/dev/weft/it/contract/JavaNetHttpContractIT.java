package dev.weft.it.contract;

@Clients({"java.net.http sync", "java.net.http async"})
class JavaNetHttpContractIT extends ClientContract {}
