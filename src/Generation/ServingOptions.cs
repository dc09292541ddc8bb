namespace MiniMind.MLNet.Dpo;

/// <summary>How a chat client serves several requests at once.</summary>
/// <remarks>
/// Requests that overlap are decoded together, one pass of the model for all, and each joins and leaves at any token. Chat clients that are made of one model
/// with equal options share places, queue and what is kept. The client gives its options by <c>GetService(typeof(ServingOptions))</c>, and what it does now as
/// <see cref="ServingStatus"/>.
/// </remarks>
public sealed record ServingOptions
{
    /// <summary>How many answers are decoded together; further requests wait for a place, in the order in which they came.</summary>
    /// <remarks>Each needs memory for the keys and values of its tokens, and makes a pass a little longer for the others.</remarks>
    public int MostTogether { get; init; } = 8;

    /// <summary>
    /// How many requests may wait for a place; one more is refused by a <see cref="TooManyRequestsException"/>. <see langword="null"/> for any number.
    /// </summary>
    public int? MostWaiting { get; init; }

    /// <summary>
    /// How many updates an answer runs ahead of who reads it. Then it gives up its place until half of them are read, so that a stream that nobody reads on
    /// holds nothing up.
    /// </summary>
    public int MostAhead { get; init; } = 64;

    /// <summary>
    /// How much memory the keys and values of conversations that have ended or rest may take, in MiB: they are kept for those that go on or begin alike, and
    /// those that were not used for longest go first. Each counts as 256 tokens at least; the last one is kept whatever it takes. 0 keeps none.
    /// </summary>
    public int KeptMegabytes { get; init; } = 256;

    internal void Validate()
    {
        List<string> faults = [];
        if (MostTogether < 1)
            faults.Add($"{nameof(MostTogether)} is {MostTogether}; it must be at least 1");
        if (MostWaiting < 0)
            faults.Add($"{nameof(MostWaiting)} is {MostWaiting}; it must be 0 or more, or null for any number");
        if (MostAhead < 1)
            faults.Add($"{nameof(MostAhead)} is {MostAhead}; it must be at least 1");
        if (KeptMegabytes < 0)
            faults.Add($"{nameof(KeptMegabytes)} is {KeptMegabytes}; it must be 0 or more");
        if (faults.Count > 0)
            throw new ArgumentException("The serving options are not valid: " + string.Join("; ", faults) + ".");
    }
}
