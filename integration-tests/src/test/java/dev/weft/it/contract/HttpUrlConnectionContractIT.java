package dev.weft.it.contract;

@Clients("HttpURLConnection")
class HttpUrlConnectionContractIT extends ClientContract {}
