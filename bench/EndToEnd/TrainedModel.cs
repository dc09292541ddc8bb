using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Optimization;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Bench.EndToEnd;

/// <summary>A policy with its gradients and its optimizer, which several ways train in turn.</summary>
internal sealed class TrainedModel : IDisposable
{
    private readonly FlatParameters _parameters;
    private readonly AdamW _optimizer;

    /// <summary>Starts from a reference, which stays the caller's.</summary>
    public TrainedModel(MiniMindNetwork reference)
    {
        Reference = reference;
        Policy = reference.Clone(CPU);
        _parameters = new FlatParameters(Policy.named_parameters().Select(p => (p.name, p.parameter)));
        _optimizer = new AdamW(_parameters, new AdamWOptions());
        Ending = new GradientStep(_parameters, _optimizer, 1.0);
    }

    public MiniMindNetwork Reference { get; }

    public MiniMindNetwork Policy { get; }

    /// <summary>Clips, steps and sets gradients to zero.</summary>
    public GradientStep Ending { get; }

    public void Dispose()
    {
        Ending.Dispose();
        _optimizer.Dispose();
        _parameters.Dispose();
        Policy.Dispose();
    }
}
