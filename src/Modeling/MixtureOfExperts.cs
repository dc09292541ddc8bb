using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>A feed-forward layer of several experts, of which a router picks a few for each token.</summary>
/// <remarks>
/// The load-balancing loss is that of the Switch Transformer (Fedus et al. 2021, arXiv 2101.03961, eq. 4), as MiniMind computes it: over all tokens,
/// or as the mean of one for each sequence.
/// </remarks>
internal sealed class MixtureOfExperts : nn.Module<Tensor, ForwardContext, Tensor>
{
    private readonly ExpertsConfig _config;
    [ComponentName(Name = "gate")]
    private readonly Projection _gate;
    [ComponentName(Name = "experts")]
    private readonly ModuleList<FeedForward> _experts;
    [ComponentName(Name = "shared_experts")]
    private readonly ModuleList<FeedForward>? _shared;

    public MixtureOfExperts(IParameterSource source, string name, int hiddenSize, ExpertsConfig config) : base(nameof(MixtureOfExperts))
    {
        _config = config;
        _gate = new Projection(source, name + ".gate", hiddenSize, config.Count);
        FeedForward Expert(string expert) => new(source, $"{name}.{expert}", hiddenSize, config.IntermediateSize);
        _experts = new ModuleList<FeedForward>([.. Enumerable.Range(0, config.Count).Select(i => Expert($"experts.{i}"))]);
        if (config.SharedCount > 0)
            _shared = new ModuleList<FeedForward>([.. Enumerable.Range(0, config.SharedCount).Select(i => Expert($"shared_experts.{i}"))]);
        RegisterComponents();
    }

    /// <summary>Its router, its experts, and those that every token passes.</summary>
    internal (Projection Router, IReadOnlyList<FeedForward> Routed, IReadOnlyList<FeedForward> Shared) Parts => (_gate, [.. _experts], [.. _shared ?? []]);

    /// <summary>(N, hidden) to the same; adds this layer's load-balancing loss to the context while training.</summary>
    public override Tensor forward(Tensor hidden, ForwardContext context)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor probabilities = _gate.forward(hidden, context.Training).to(ScalarType.Float32).softmax(-1); // (N, E)
        (Tensor weights, Tensor chosen) = probabilities.topk(_config.PerToken, -1, sorted: false); // (N, K), (N, K)
        if (_config.NormalizeTopK)
            weights = weights / weights.sum(-1, keepdim: true).Add(1e-20);

        Tensor output = zeros_like(hidden); // (N, hidden)
        for (int expert = 0; expert < _config.Count; expert++)
        {
            Tensor taken = chosen.EqualTo(expert); // (N, K)
            Tensor rows = taken.any(-1).nonzero().flatten(); // (n)
            if (rows.shape[0] == 0)
                continue;
            Tensor share = weights.masked_select(taken).view(-1, 1); // (n, 1)
            Tensor mixed = _experts[expert].forward(hidden.index_select(0, rows), context) * share; // (n, hidden)
            output = output.IndexAdd(0, rows, mixed.to(output.dtype));
        }

        foreach (FeedForward shared in _shared ?? [])
            output = output.Add(shared.forward(hidden, context)); // (N, hidden)

        if (context.Training && _config.AuxLossCoefficient > 0)
        {
            Tensor loss = _config.BalancesSequences ? SequenceBalance.Loss(_config, probabilities, chosen, context)
                : LoadBalancingLoss(probabilities, chosen, context.TokenWeights);
            context.AuxiliaryLosses.Add(loss.MoveToOtherDisposeScope(context.Cosines));
        }
        context.RouterTrace?.Add(new RouterChoice(probabilities.detach().DetachFromDisposeScope(), chosen.detach().DetachFromDisposeScope()));
        return output.MoveToOuterDisposeScope();
    }

    private Tensor LoadBalancingLoss(Tensor probabilities, Tensor chosen, Tensor? tokenWeights)
    {
        Tensor hits = nn.functional.one_hot(chosen, _config.Count).to(ScalarType.Float32); // (N, K, E)
        Tensor load, mean;
        if (tokenWeights is null)
        {
            load = hits.mean([0]); // (K, E)
            mean = probabilities.mean([0]); // (E)
        }
        else
        {
            Tensor share = tokenWeights / tokenWeights.sum(); // (N)
            load = (hits * share.view(-1, 1, 1)).sum(dim: 0); // (K, E)
            mean = (probabilities * share.view(-1, 1)).sum(dim: 0); // (E)
        }
        return (load * mean).sum().Mul(_config.Count * _config.AuxLossCoefficient);
    }
}
