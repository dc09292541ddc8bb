namespace MiniMind.MLNet.Dpo.Training.Batches;

/// <summary>How many rows of the network single responses take.</summary>
internal static class ResponseRows
{
    /// <summary>Rows of one pass, padding included.</summary>
    /// <param name="responses">The responses of the pass, at least one.</param>
    /// <param name="options">How it is laid out.</param>
    public static long Of(IReadOnlyCollection<Response> responses, BatchOptions options) => options.Shape switch
    {
        BatchShape.PaddedToMaximum => (long)responses.Count * options.MaximumLength,
        BatchShape.PaddedToLongest => (long)responses.Count * responses.Max(response => response.InputIds.Length),
        _ => responses.Sum(response => (long)response.NeededLength),
    };
}
