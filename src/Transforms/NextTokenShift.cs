namespace MiniMind.MLNet.Dpo.Transforms;

/// <summary>The shift by one token that makes a language model's inputs and labels of one sequence: x = ids[:-1], y = ids[1:], m = mask[1:].</summary>
internal static class NextTokenShift
{
    /// <summary>What the model reads: every token but the last.</summary>
    public static ReadOnlyMemory<int> InputIds(ReadOnlyMemory<int> ids) => ids.IsEmpty ? ids : ids[..^1];

    /// <summary>What it should predict at each of them: every token but the first.</summary>
    public static ReadOnlyMemory<int> Labels(ReadOnlyMemory<int> ids) => ids.IsEmpty ? ids : ids[1..];

    /// <summary>Which predictions count: the mask of the labels.</summary>
    public static ReadOnlyMemory<float> LossMask(ReadOnlyMemory<float> mask) => mask.IsEmpty ? mask : mask[1..];
}
