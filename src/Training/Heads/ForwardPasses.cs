namespace MiniMind.MLNet.Dpo.Training.Heads;

/// <summary>Runs forward passes without gradients; one that does not fit into memory is run in halves, and all after it in passes of that size.</summary>
/// <remarks>Each rank halves by itself: nothing that ranks do together depends on the size of a pass.</remarks>
/// <param name="autoBatch">Whether to halve; otherwise a shortage of memory is thrown on.</param>
/// <param name="warn">Told of passes that were halved.</param>
internal sealed class ForwardPasses(bool autoBatch = false, Action<string>? warn = null)
{
    private int _most = int.MaxValue;

    /// <summary>Runs a group of examples, in order.</summary>
    /// <param name="examples">Their indices.</param>
    /// <param name="pass">Runs some of them; what it adds to results, it adds when nothing can fail any more.</param>
    public void Run(ReadOnlySpan<int> examples, Action<int[]> pass)
    {
        while (examples.Length > 0)
        {
            int[] taken = [.. examples[..Math.Min(_most, examples.Length)]];
            if (TryRun(taken, pass))
                examples = examples[taken.Length..];
        }
    }

    private bool TryRun(int[] examples, Action<int[]> pass)
    {
        try
        {
            pass(examples);
            return true;
        }
        catch (Exception failure) when (autoBatch && examples.Length > 1 && MemoryFault.Is(failure))
        {
            _most = (examples.Length + 1) / 2;
            warn?.Invoke(
                $"A pass without gradients over {examples.Length} examples needs more memory than there is: {failure.Message.Split('\n')[0]} The reference " +
                $"and evaluations go on with {_most} examples in a pass.");
            return false;
        }
    }
}
