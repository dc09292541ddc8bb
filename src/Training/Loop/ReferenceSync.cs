using System.Text.Json;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Loop;

/// <summary>Lets the reference follow the policy; stands before all observers that measure against it. Its memory is the reference.</summary>
/// <param name="policy">What is trained.</param>
/// <param name="reference">A network of its own with the same parameters.</param>
/// <param name="options">How far and how often.</param>
internal sealed class ReferenceSync(MiniMindNetwork policy, MiniMindNetwork reference, ReferenceSyncOptions options) : IResumableObserver
{
    /// <inheritdoc />
    public string MemoryName => "reference";

    public void Stepped(TrainingState state, StepResult step)
    {
        if (state.Step % options.EverySteps != 0)
            return;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        foreach (((_, Parameter theirs), (_, Parameter ours)) in reference.named_parameters().Zip(policy.named_parameters()))
            theirs.copy_(ours.Mul(options.Alpha).Add(theirs.Mul(1 - options.Alpha))); // at 1 the policy itself
    }

    /// <inheritdoc />
    public ObserverMemory Save() =>
        new(JsonSerializer.SerializeToElement<object?>(null), reference.named_parameters().ToDictionary(p => p.name, Tensor (p) => p.parameter));

    /// <inheritdoc />
    public void Load(ObserverMemory memory)
    {
        using IDisposable noGradient = no_grad();
        foreach ((string name, Parameter parameter) in reference.named_parameters())
            parameter.copy_(memory.Tensors[name]);
    }
}
