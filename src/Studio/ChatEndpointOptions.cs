namespace MiniMind.MLNet.Dpo.AspNetCore;

/// <summary>Who may ask the endpoints, and how much.</summary>
public sealed record ChatEndpointOptions
{
    /// <summary>What the addresses begin with.</summary>
    public string Prefix { get; init; } = "/v1";

    /// <summary>
    /// The keys of which a caller has to send one, as <c>Authorization: Bearer KEY</c>; they are compared in constant time. With none, only callers of this
    /// machine are answered, and only by a name of this machine, so that no web page can get through by a name of its own; see <see cref="AllowAnyone"/>.
    /// </summary>
    public IReadOnlyList<string> ApiKeys { get; init; } = [];

    /// <summary>
    /// Whether callers from anywhere are answered though there is no key: for apps in which something else decides, such as <c>RequireAuthorization()</c> of
    /// what <c>MapMiniMindChat</c> gives back.
    /// </summary>
    public bool AllowAnyone { get; init; }

    /// <summary>The most bytes of a request's body; longer ones are refused with 413.</summary>
    public int MaxRequestBytes { get; init; } = 1 << 20;

    /// <summary>The most messages of a conversation.</summary>
    public int MaxMessages { get; init; } = 1000;

    /// <summary>
    /// The most tokens that a request may ask for, and those of one that does not say; <see langword="null"/> for what the model's context and the client's
    /// own <see cref="GenerationOptions.MaxNewTokens"/> leave.
    /// </summary>
    public int? MaxAnswerTokens { get; init; }

    /// <summary>
    /// The most requests of one model at once, those that wait for their turn included; further ones are refused with 429. How many are decoded together,
    /// and how many may wait for that, are the client's <see cref="ServingOptions"/>.
    /// </summary>
    public int MaxConcurrentRequests { get; init; } = 128;

    /// <summary>How long a request may take, waiting and reading of its stream included; <see cref="Timeout.InfiniteTimeSpan"/> for any time.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">They are not valid; the message lists all faults.</exception>
    public void Validate()
    {
        List<string> faults = [];
        if (Prefix is null || !Prefix.StartsWith('/') || Prefix.Length > 1 && Prefix.EndsWith('/') || Prefix.AsSpan().IndexOfAny("{}?#* ") >= 0)
            faults.Add($"{nameof(Prefix)} is '{Prefix}'; it must begin with '/', end without one, and be a plain path");
        for (int i = 0; i < (ApiKeys?.Count ?? 0); i++)
        {
            // a key that no header can carry would lock everyone out
            if (string.IsNullOrEmpty(ApiKeys![i]) || ApiKeys[i].Any(character => character is <= ' ' or > '~'))
                faults.Add($"{nameof(ApiKeys)}[{i}] is empty or has characters that a header cannot carry; use letters, digits and signs of ASCII");
        }
        if (ApiKeys is null)
            faults.Add($"{nameof(ApiKeys)} is null; leave it empty for none");
        if (AllowAnyone && ApiKeys is { Count: > 0 })
            faults.Add($"{nameof(AllowAnyone)} is true and there are {nameof(ApiKeys)}; say one of the two");
        if (MaxRequestBytes < 1)
            faults.Add($"{nameof(MaxRequestBytes)} is {MaxRequestBytes}; it must be at least 1");
        if (MaxMessages < 1)
            faults.Add($"{nameof(MaxMessages)} is {MaxMessages}; it must be at least 1");
        if (MaxAnswerTokens < 1)
            faults.Add($"{nameof(MaxAnswerTokens)} is {MaxAnswerTokens}; it must be at least 1, or null");
        if (MaxConcurrentRequests < 1)
            faults.Add($"{nameof(MaxConcurrentRequests)} is {MaxConcurrentRequests}; it must be at least 1");
        if (RequestTimeout != Timeout.InfiniteTimeSpan && (RequestTimeout <= TimeSpan.Zero || RequestTimeout.TotalMilliseconds > int.MaxValue))
        {
            faults.Add($"{nameof(RequestTimeout)} is {RequestTimeout}; it must be above 0 and at most 24 days, "
                + $"or {nameof(Timeout)}.{nameof(Timeout.InfiniteTimeSpan)}");
        }
        if (faults.Count > 0)
            throw new ArgumentException("The options of the endpoints are not valid: " + string.Join("; ", faults) + ".");
    }
}
