using MiniMind.MLNet.Dpo.CpuKernels;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling.Adapters;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>A layer of experts without autograd but for its router's small tensors: rows are sorted by expert, and each expert runs over its own.</summary>
/// <remarks>
/// It computes what <see cref="MixtureOfExperts"/> computes. With y of an expert and w the weight of a choice, the mixture's gradient g gives w g to the
/// expert and g · y to the choice's weight; softmax, the choice and the load-balancing loss have a graph of their own, (N, E) wide.
/// </remarks>
internal sealed class ExpertsPass : IFeedForwardPass
{
    private readonly LinearPass _router;
    private readonly RowRoutes _routes;
    private readonly Tensor _scores, _weights, _shares;
    private readonly IFeedForwardPass?[] _experts;
    private readonly IFeedForwardPass[] _shared;
    private readonly bool _keepsOutputs;

    /// <summary>Runs it forward.</summary>
    /// <param name="gate">The router.</param>
    /// <param name="experts">The experts.</param>
    /// <param name="shared">Experts that every row passes.</param>
    /// <param name="config">How rows are sent.</param>
    /// <param name="rows">(N, hidden) in the compute type.</param>
    /// <param name="context">The pass.</param>
    public ExpertsPass(
        Projection gate, IReadOnlyList<IFusedFeedForward> experts, IReadOnlyList<IFusedFeedForward> shared, ExpertsConfig config, Tensor rows,
        ForwardContext context)
    {
        _router = new LinearPass(gate.Matrix, gate.Pair, context.ComputeType, context, gate.Bias);
        // of one expert whose weight is scaled to one, that weight is no function of the router
        _keepsOutputs = context.Training && !(config.NormalizeTopK && config.PerToken == 1);
        using (DisposeScope scope = NewDisposeScope())
        {
            _scores = _router.Of(rows).to(ScalarType.Float32).detach(); // (N, E)
            if (context.Training)
                _scores.requires_grad_();
            using IDisposable? graph = context.Training ? enable_grad() : null;
            ExpertChoice choice = ExpertChoice.Of(_scores, config);
            AuxiliaryLoss = choice.Balance(config, context);
            context.RouterTrace?.Add(new RouterChoice(choice.Probabilities.detach().DetachFromDisposeScope(), choice.Chosen.detach().DetachFromDisposeScope()));
            _routes = RowRoutes.Of(choice.Chosen, config.Count);
            (_weights, _shares) = (choice.Weights.MoveToOuterDisposeScope(), choice.Weights.detach().MoveToOuterDisposeScope()); // (N, K)
            _scores.MoveToOuterDisposeScope();
        }

        _experts = new IFeedForwardPass?[config.Count];
        using (Tensor placed = RoutedRowsKernel.Gather(rows, _routes)) // (places, hidden)
        {
            for (int expert = 0; expert < config.Count; expert++)
            {
                if (_routes.Count(expert) == 0)
                    continue;
                using Tensor own = Own(placed, expert); // (its places, hidden)
                _experts[expert] = experts[expert].Fuse(own, context);
            }
        }
        _shared = [.. shared.Select(expert => expert.Fuse(rows, context))];
        Tensor?[] outputs = Outputs;
        Output = RoutedRowsKernel.Combine([outputs], _routes, _shares, [.. _shared.Select(pass => pass.Output)], ScalarType.Float32); // (N, hidden)
        if (!_keepsOutputs)
        {
            foreach (Tensor? output in outputs)
                output?.Dispose();
        }
        foreach (IFeedForwardPass pass in _shared)
            pass.Output.Dispose();
    }

    /// <inheritdoc />
    public Tensor Output { get; }

    /// <inheritdoc />
    public Tensor? AuxiliaryLoss { get; }

    /// <inheritdoc />
    public Tensor[] Backward(Tensor gradient, Tensor rows, double auxiliaryWeight)
    {
        using DisposeScope scope = NewDisposeScope();
        // (places, hidden), (N, K)
        (Tensor placed, Tensor? ofShares) = RoutedRowsKernel.Spread(gradient, _routes, _shares, _keepsOutputs ? Outputs : null);
        Tensor rowsPlaced = RoutedRowsKernel.Gather(rows, _routes); // (places, hidden)
        List<Tensor?> gates = [], ups = [];
        for (int expert = 0; expert < _experts.Length; expert++)
        {
            Tensor[] parts = _experts[expert]?.Backward(Own(placed, expert), Own(rowsPlaced, expert), 0) ?? [];
            gates.Add(parts.ElementAtOrDefault(0));
            ups.Add(parts.ElementAtOrDefault(1));
        }
        List<Tensor> others = [];
        foreach (IFeedForwardPass pass in _shared)
            others.AddRange(pass.Backward(gradient, rows, 0));
        if (RouterGradient(ofShares, auxiliaryWeight) is { } ofScores)
        {
            Tensor narrow = ofScores.to(rows.dtype); // (N, E)
            _router.AddGradient(narrow, rows);
            others.Add(_router.Back(narrow)); // (N, hidden)
        }
        return [RoutedRowsKernel.Combine([gates, ups], _routes, null, others, rows.dtype).MoveToOuterDisposeScope()]; // (N, hidden)
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _router.Dispose();
        foreach (IFeedForwardPass? pass in _experts.Concat(_shared))
            pass?.Dispose();
        foreach (Tensor tensor in new[] { _scores, _weights, _shares, Output })
            tensor.Dispose();
    }

    private Tensor?[] Outputs => [.. _experts.Select(pass => pass?.Output)];

    /// <summary>An expert's places, (places, width).</summary>
    private Tensor Own(Tensor placed, int expert) => placed.narrow(0, _routes.Start(expert), _routes.Count(expert));

    /// <summary>With respect to the router's products, (N, E), fp32; <see langword="null"/> where the loss does not depend on them.</summary>
    private Tensor? RouterGradient(Tensor? ofShares, double auxiliaryWeight)
    {
        List<Tensor> ends = [], gradients = [];
        if (ofShares is not null)
            (ends, gradients) = ([_weights], [ofShares]);
        if (AuxiliaryLoss is { } loss)
        {
            ends.Add(loss);
            gradients.Add(ScalarOperations.FullLike(loss, auxiliaryWeight));
        }
        if (ends.Count == 0)
            return null;
        autograd.backward(ends, gradients);
        return _scores.grad!; // (N, E)
    }
}
