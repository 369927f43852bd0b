package dev.weft.it.contract;

@Clients("OkHttp async")
class OkHttpEnqueueContractIT extends ClientContract {}
