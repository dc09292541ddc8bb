using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using MiniMind.MLNet.Dpo.AspNetCore.Responses;

namespace MiniMind.MLNet.Dpo.AspNetCore.Serving;

/// <summary>Lets callers through that have a key; where there is none, those of this machine.</summary>
internal sealed class CallerCheck(ChatEndpointOptions options)
{
    private const string Scheme = "Bearer ";

    private readonly byte[][] _keys = [.. options.ApiKeys.Select(Digest)];

    /// <summary>Lets a caller through.</summary>
    /// <exception cref="ApiException">It has no key, or a wrong one, or is from elsewhere where there is no key.</exception>
    public void Require(HttpContext context)
    {
        if (_keys.Length > 0)
            RequireKey(context);
        else if (!options.AllowAnyone && !IsLocal(context))
            throw Faults.NotLocal();
    }

    private static byte[] Digest(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    // by an address of this machine, not through a proxy, and by a name of this machine: a web page elsewhere can have a name that leads here
    private static bool IsLocal(HttpContext context)
    {
        string host = context.Request.Host.Host;
        bool isLocalName = host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address);
        bool isForwarded = context.Request.Headers.ContainsKey("X-Forwarded-For") || context.Request.Headers.ContainsKey("Forwarded");
        bool isNear = context.Connection.RemoteIpAddress is not { } remote || IPAddress.IsLoopback(remote); // none within the process
        return isLocalName && isNear && !isForwarded;
    }

    private void RequireKey(HttpContext context)
    {
        string header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            throw Refused(context, Faults.NoKey());
        byte[] given = Digest(header[Scheme.Length..].Trim());
        bool isRight = false;
        foreach (byte[] key in _keys)
            isRight |= CryptographicOperations.FixedTimeEquals(given, key); // all of them, however early one is right
        if (!isRight)
            throw Refused(context, Faults.WrongKey());
    }

    private static ApiException Refused(HttpContext context, ApiException fault)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return fault;
    }
}
