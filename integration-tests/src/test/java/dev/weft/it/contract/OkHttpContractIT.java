package dev.weft.it.contract;

@Clients("OkHttp sync")
class OkHttpContractIT extends ClientContract {}
