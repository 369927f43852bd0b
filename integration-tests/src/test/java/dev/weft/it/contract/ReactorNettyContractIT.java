package dev.weft.it.contract;

@Clients("Reactor Netty")
class ReactorNettyContractIT extends ClientContract {}
