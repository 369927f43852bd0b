package dev.weft.it.contract;

@Clients({"HttpClient 5 classic", "HttpClient 5 async"})
class HttpClient5ContractIT extends ClientContract {}
