using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>Which experts a router sends each row to.</summary>
/// <param name="Probabilities">The router's softmax, (N, E), fp32.</param>
/// <param name="Weights">What each choice counts, (N, K), fp32.</param>
/// <param name="Chosen">The chosen experts, (N, K), int64.</param>
internal sealed record ExpertChoice(Tensor Probabilities, Tensor Weights, Tensor Chosen)
{
    /// <summary>Chooses.</summary>
    /// <param name="scores">The router's products, (N, E), fp32.</param>
    /// <param name="config">The experts.</param>
    /// <returns>Tensors in the current scope, with a graph where gradients are enabled.</returns>
    public static ExpertChoice Of(Tensor scores, ExpertsConfig config)
    {
        Tensor probabilities = scores.softmax(-1); // (N, E)
        (Tensor weights, Tensor chosen) = probabilities.topk(config.PerToken, -1, sorted: false); // (N, K), (N, K)
        if (config.NormalizeTopK)
            weights = weights / weights.sum(-1, keepdim: true).Add(1e-20);
        return new ExpertChoice(probabilities, weights, chosen);
    }

    /// <summary>The load-balancing loss, told to the pass, which takes it over.</summary>
    /// <param name="config">The experts.</param>
    /// <param name="context">The pass.</param>
    /// <returns>A scalar; <see langword="null"/> where there is none.</returns>
    public Tensor? Balance(ExpertsConfig config, ForwardContext context)
    {
        if (!context.Training || config.AuxLossCoefficient <= 0)
            return null;
        using DisposeScope scope = NewDisposeScope();
        Tensor loss = (config.BalancesSequences ? SequenceBalance.Loss(config, Probabilities, Chosen, context) : OverAllTokens(config, context.TokenWeights))
            .MoveToOtherDisposeScope(context.Cosines);
        context.AuxiliaryLosses.Add(loss);
        return loss;
    }

    private Tensor OverAllTokens(ExpertsConfig config, Tensor? tokenWeights)
    {
        Tensor hits = nn.functional.one_hot(Chosen, config.Count).to(ScalarType.Float32); // (N, K, E)
        Tensor load, mean;
        if (tokenWeights is null)
        {
            load = hits.mean([0]); // (K, E)
            mean = Probabilities.mean([0]); // (E)
        }
        else
        {
            Tensor share = tokenWeights / tokenWeights.sum(); // (N)
            load = (hits * share.view(-1, 1, 1)).sum(dim: 0); // (K, E)
            mean = (Probabilities * share.view(-1, 1)).sum(dim: 0); // (E)
        }
        return (load * mean).sum().Mul(config.Count * config.AuxLossCoefficient);
    }
}
