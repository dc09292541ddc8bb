using MiniMind.MLNet.Dpo.CpuKernels.Attention;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>The load-balancing loss of MiniMind 2: that of each sequence by itself, and their mean.</summary>
internal static class SequenceBalance
{
    /// <summary>Computes it.</summary>
    /// <param name="config">The experts.</param>
    /// <param name="probabilities">The router's softmax, (N, E), fp32.</param>
    /// <param name="chosen">The chosen experts, (N, K), int64.</param>
    /// <param name="context">Its layout says which rows form a sequence; rows whose token weight is zero count in none.</param>
    /// <returns>A scalar in the current scope.</returns>
    /// <exception cref="NotSupportedException">The layout does not say it.</exception>
    public static Tensor Loss(ExpertsConfig config, Tensor probabilities, Tensor chosen, ForwardContext context)
    {
        IReadOnlyList<AttentionSpan> spans = context.Layout.Spans
            ?? throw new NotSupportedException("The load-balancing loss of each sequence needs to know the sequences' rows, which this layout does not tell.");
        Tensor hits = nn.functional.one_hot(chosen, config.Count).to(ScalarType.Float32).sum(dim: 1); // (N, E)
        Tensor counted = context.TokenWeights?.Clamp(0, 1).unsqueeze(1) ?? ones(probabilities.shape[0], 1, device: probabilities.device); // (N, 1)
        Tensor sum = zeros([], device: probabilities.device), sequences = zeros([], device: probabilities.device);
        foreach (AttentionSpan span in spans.Where(span => span.Own > 0))
        {
            Tensor rows = Rows(counted, span), tokens = rows.sum(); // (n, 1), scalar
            Tensor load = (Rows(hits, span) * rows).sum(dim: 0).Div(config.PerToken); // (E)
            Tensor mean = (Rows(probabilities, span) * rows).sum(dim: 0); // (E)
            sum = sum.Add((load * mean).sum() / (tokens * tokens).Clamp(1, double.PositiveInfinity));
            sequences = sequences.Add(tokens.Clamp(0, 1));
        }
        return (sum / sequences).Mul(config.Count * config.AuxLossCoefficient);
    }

    /// <summary>A sequence's rows, those of its prefix first; (n, width).</summary>
    private static Tensor Rows(Tensor all, AttentionSpan span)
    {
        Tensor own = all.narrow(0, span.Start, span.Own); // (own, width)
        return span.Prefix == 0 ? own : cat([all.narrow(0, span.PrefixStart, span.Prefix), own]); // (n, width)
    }
}
