using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Heads;

/// <summary>How probable it is that a row's distribution gives one token twice, as a logarithm.</summary>
internal static class RowCollisions
{
    private const long MostElements = 1 << 20; // of the copies that exist at once: the slice's logits stay the only large tensor

    /// <summary>The logarithms of the rows' summed squared probabilities.</summary>
    /// <param name="logits">(m, V), fp32 or bf16.</param>
    /// <param name="logSums">The logarithms of the summed exponentials, (m), fp32; <see langword="null"/> where the logits are log-probabilities.</param>
    /// <returns>(m), fp32, in the current scope.</returns>
    public static Tensor Of(Tensor logits, Tensor? logSums)
    {
        using DisposeScope scope = NewDisposeScope();
        (long rows, long block) = (logits.shape[0], Math.Max(1, MostElements / logits.shape[1]));
        List<Tensor> blocks = [];
        for (long start = 0; start < rows; start += block)
        {
            using DisposeScope inner = NewDisposeScope();
            long count = Math.Min(block, rows - start);
            Tensor logProbs = logits.narrow(0, start, count).to(ScalarType.Float32); // (block, V)
            if (logSums is not null)
                logProbs = logProbs - logSums.narrow(0, start, count).unsqueeze(1); // (block, V)
            blocks.Add(logProbs.Mul(2.0).logsumexp(1).MoveToOuterDisposeScope()); // (block)
        }
        return (blocks.Count == 0 ? zeros(0, device: logits.device) : cat(blocks)).MoveToOuterDisposeScope(); // (m)
    }
}
