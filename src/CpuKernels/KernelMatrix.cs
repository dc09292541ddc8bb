using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels;

/// <summary>A linear layer's matrix in a pass without a graph: its products, and what they add to its gradient.</summary>
public sealed class KernelMatrix : IDisposable
{
    private readonly Parameter _weight;
    private readonly Tensor? _cast;

    /// <summary>Takes a matrix; for bf16 it is cast once, for the forward and the backward pass.</summary>
    /// <param name="weight">(output, input), fp32.</param>
    /// <param name="type">Element type of the products.</param>
    public KernelMatrix(Parameter weight, ScalarType type)
    {
        _weight = weight;
        if (type != ScalarType.Float32)
            _cast = weight.to(type);
    }

    private Tensor Factor => _cast ?? _weight;

    /// <summary>(N, input) to (N, output).</summary>
    public Tensor Of(Tensor rows) => HostProduct.Of(rows, Factor); // (N, output)

    /// <summary>From the gradient of what <see cref="Of"/> gives, (N, output), to that of its rows, (N, input).</summary>
    public Tensor Back(Tensor gradient) => HostProduct.Of(gradient, Factor.t()); // (N, input)

    /// <summary>Adds to the matrix's gradient.</summary>
    /// <param name="gradient">(N, output).</param>
    /// <param name="rows">(N, input).</param>
    public void AddGradient(Tensor gradient, Tensor rows)
    {
        using DisposeScope scope = NewDisposeScope();
        HostProduct.AddTo(GradientOf(_weight), gradient.t(), rows);
    }

    /// <summary>A parameter's gradient, zeros where it had none; in the current scope.</summary>
    public static Tensor GradientOf(Parameter parameter)
    {
        if (parameter.grad is null)
            parameter.grad = zeros_like(parameter);
        return parameter.grad!;
    }

    /// <inheritdoc />
    public void Dispose() => _cast?.Dispose();
}
