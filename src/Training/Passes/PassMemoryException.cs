namespace MiniMind.MLNet.Dpo.Training.Passes;

/// <summary>A forward and backward pass did not fit into memory.</summary>
/// <param name="examples">Pairs or conversations in the pass.</param>
/// <param name="rows">Rows that the network was to compute.</param>
/// <param name="failure">What libtorch threw.</param>
internal sealed class PassMemoryException(int examples, long rows, Exception failure)
    : OutOfMemoryException($"A pass over {examples} examples, {rows} rows, needs more memory than there is: {failure.Message.Split('\n')[0]}", failure)
{
    /// <summary>Pairs or conversations in the pass.</summary>
    public int Examples => examples;
}
