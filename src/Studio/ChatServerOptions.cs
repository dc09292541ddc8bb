using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MiniMind.MLNet.Dpo.AspNetCore;

/// <summary>Where a server listens, and whom it answers.</summary>
public sealed record ChatServerOptions
{
    /// <summary>The port of MiniMind's own server.</summary>
    public const int UsualPort = 8998;

    /// <summary>
    /// The addresses, as <c>http://127.0.0.1:8998</c>; port 0 takes a free one. One that other machines reach needs <see cref="ChatEndpointOptions.ApiKeys"/>
    /// or <see cref="ChatEndpointOptions.AllowAnyone"/>. Encryption is a proxy's to add.
    /// </summary>
    public IReadOnlyList<string> Urls { get; init; } = [$"http://127.0.0.1:{UsualPort}"];

    /// <summary>The web pages that may ask from a browser, as <c>https://example.com</c> (CORS); none by default.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>The names of this server by which it may be called, as <c>llm.example.com</c> or <c>*.example.com</c>; all by default.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Who may ask the endpoints, and how much.</summary>
    public ChatEndpointOptions Endpoints { get; init; } = new();

    /// <summary>What is written to standard error: never what anyone asked or was answered.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Warning;

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">They are not valid; the message lists all faults.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Endpoints);
        Endpoints.Validate();
        List<string> faults = [];
        if (Urls.Count == 0)
            faults.Add($"{nameof(Urls)} is empty; there must be an address to listen at");
        foreach (string url in Urls)
        {
            if (Fault(url) is { } fault)
                faults.Add(fault);
        }
        foreach (string origin in AllowedOrigins)
        {
            bool isOrigin = Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"
                && origin == uri.GetLeftPart(UriPartial.Authority);
            if (!isOrigin)
                faults.Add($"{nameof(AllowedOrigins)} has '{origin}'; an origin is as 'https://example.com', without a path or a slash at its end");
        }
        foreach (string host in AllowedHosts.Where(host => string.IsNullOrWhiteSpace(host) || host.AsSpan().IndexOfAny("/: ") >= 0))
            faults.Add($"{nameof(AllowedHosts)} has '{host}'; a name is as 'llm.example.com', without a scheme or a port");
        if (faults.Count > 0)
            throw new ArgumentException("The options of the server are not valid: " + string.Join("; ", faults) + ".");
    }

    private string? Fault(string url)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            return $"{nameof(Urls)} has '{url}'; an address is as 'http://127.0.0.1:{UsualPort}'";
        }
        if (!address.Scheme.Equals("http", StringComparison.OrdinalIgnoreCase) || address.PathBase.Length > 0 || address.IsUnixPipe || address.IsNamedPipe)
            return $"{nameof(Urls)} has '{url}'; an address is 'http', a host and a port, and a proxy adds encryption";
        if (IsLoopback(address.Host) || Endpoints.ApiKeys.Count > 0 || Endpoints.AllowAnyone)
            return null;
        return $"{nameof(Urls)} has '{url}', which other machines reach: give {nameof(ChatEndpointOptions.ApiKeys)}, or say "
            + $"{nameof(ChatEndpointOptions.AllowAnyone)} if everyone there may ask";
    }

    // names other than localhost make the server listen everywhere
    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address);
}
