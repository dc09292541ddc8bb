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
internal sealed class MixtureOfExperts : nn.Module<Tensor, ForwardContext, Tensor>, IFusedFeedForward
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
        ExpertChoice choice = ExpertChoice.Of(_gate.forward(hidden, context.Training).to(ScalarType.Float32), _config);
        (Tensor weights, Tensor chosen) = (choice.Weights, choice.Chosen); // (N, K), (N, K)

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

        choice.Balance(_config, context);
        context.RouterTrace?.Add(new RouterChoice(choice.Probabilities.detach().DetachFromDisposeScope(), chosen.detach().DetachFromDisposeScope()));
        return output.MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public IFeedForwardPass Fuse(Tensor rows, ForwardContext context) => new ExpertsPass(_gate, [.. _experts], [.. _shared ?? []], _config, rows, context);
}
