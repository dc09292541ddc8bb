using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Loop;

/// <summary>Sums the ranks' gradients before each step: part by part beside the backward pass that completes them, or all at once after it.</summary>
internal sealed class GradientExchange : IDisposable
{
    private readonly ICommunicator _communicator;
    private readonly IReadOnlyList<GradientPart> _parts;
    private readonly Tensor[] _views;
    private readonly List<IPendingCollective> _pending = [];

    /// <summary>Plans the exchange.</summary>
    /// <param name="communicator">Connects the ranks.</param>
    /// <param name="parameters">Their gradients are summed; they stay the caller's.</param>
    /// <param name="stageOf">The stage of the backward pass with which a parameter's gradient is complete.</param>
    /// <param name="smallestPart">The least elements that are sent at once; with as many as there are, all go after the backward pass.</param>
    public GradientExchange(ICommunicator communicator, FlatParameters parameters, Func<string, int> stageOf, long smallestPart)
    {
        _communicator = communicator;
        _parts = GradientPart.Cut(parameters.Slices, parameters.Gradients.NumberOfElements, stageOf, smallestPart);
        using DisposeScope scope = NewDisposeScope();
        _views = [.. _parts.Select(part => parameters.Gradients.narrow(0, part.Start, part.Length).DetachFromDisposeScope())];
        if (_parts.Count > 1)
            StageFinished = Start;
    }

    /// <summary>To be called by the last backward pass of a step; <see langword="null"/> where nothing is sent before <see cref="Complete"/>.</summary>
    public Action<int>? StageFinished { get; }

    /// <summary>Sends what is not on its way yet, and waits: from then on every rank has the sums. Every rank calls it once per step.</summary>
    /// <exception cref="CommunicationException">Another rank did not arrive in time, or the library reports an error.</exception>
    public void Complete()
    {
        Start(stage: 0);
        foreach (IPendingCollective sum in _pending)
            sum.Wait();
        _pending.Clear();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (Tensor view in _views)
            view.Dispose();
    }

    private void Start(int stage)
    {
        while (_pending.Count < _parts.Count && _parts[_pending.Count].Stage >= stage)
            _pending.Add(_communicator.BeginAllReduceSum(_views[_pending.Count]));
    }
}
