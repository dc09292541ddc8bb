using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>A matrix as it is kept: trained in fp32, or frozen in any <see cref="FrozenFormat"/>.</summary>
/// <param name="weight">(output, input), fp32, bf16 or int8.</param>
/// <param name="scales">Of int8, the factor of each row, (output, 1), fp32; taken over.</param>
internal sealed class StoredMatrix(Parameter weight, Tensor? scales = null) : IDisposable
{
    private const double LargestLevel = 127;

    /// <summary>The elements as they are kept, (output, input).</summary>
    public Parameter Weight => weight;

    /// <summary>The factor of each row, (output, 1), fp32; <see langword="null"/> unless the elements are int8.</summary>
    public Tensor? Scales => scales;

    /// <summary>Whether steps change it.</summary>
    public bool IsTrained => weight.requires_grad;

    /// <summary>How it is kept.</summary>
    public FrozenFormat Format => weight.dtype switch
    {
        ScalarType.Int8 => FrozenFormat.Int8,
        ScalarType.BFloat16 => FrozenFormat.BFloat16,
        _ => FrozenFormat.Float32,
    };

    /// <summary>The bytes that it takes.</summary>
    public long Bytes => weight.numel() * weight.element_size() + (scales?.numel() ?? 0) * sizeof(float);

    /// <summary>The same memory under another parameter, which gets no gradient.</summary>
    public StoredMatrix Share() => new(Frozen(weight), scales?.alias().DetachFromDisposeScope());

    /// <summary>A frozen copy in a format, on a device.</summary>
    /// <param name="format">The format.</param>
    /// <param name="device">The device.</param>
    /// <param name="factors">Of int8, the factor of each row, (output, 1), fp32; <see langword="null"/> for the largest element over 127.</param>
    public StoredMatrix Copy(FrozenFormat format, Device device, Tensor? factors = null)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        if (format == Format)
            return new(Frozen(weight.to(device, copy: true)), scales?.to(device, copy: true).DetachFromDisposeScope());
        Tensor dense = Dense(ScalarType.Float32).to(device); // (output, input)
        if (format == FrozenFormat.Float32)
            return new(Frozen(dense.clone()));
        if (format == FrozenFormat.BFloat16)
            return new(Frozen(dense.to(ScalarType.BFloat16)));
        Tensor own = factors?.to(device, copy: true) ?? Factors(dense); // (output, 1)
        return new(Frozen(dense.div(own).round().to(ScalarType.Int8)), own.DetachFromDisposeScope());
    }

    /// <summary>The matrix in an element type, (output, input), in the current scope; itself where it has that type.</summary>
    public Tensor Dense(ScalarType type) => Part(weight, scales, type);

    /// <summary>Some of its rows in an element type, (count, input), in the current scope.</summary>
    public Tensor Dense(ScalarType type, long start, long count) => Part(weight.narrow(0, start, count), scales?.narrow(0, start, count), type);

    /// <summary>Rows by their indices, (N, input), fp32, in the current scope.</summary>
    /// <param name="indices">(N), int64.</param>
    public Tensor Rows(Tensor indices) =>
        Format == FrozenFormat.Float32
            ? weight.index_select(0, indices) : Part(weight.index_select(0, indices), scales?.index_select(0, indices), ScalarType.Float32); // (N, input)

    /// <inheritdoc />
    public void Dispose() => scales?.Dispose(); // the weight is its module's

    /// <summary>A parameter of the same memory that gets no gradient.</summary>
    internal static Parameter Frozen(Tensor values) => new(values.detach().DetachFromDisposeScope(), requires_grad: false);

    private static Tensor Factors(Tensor dense)
    {
        Tensor factors = dense.abs().amax([1L], keepdim: true).Div(LargestLevel); // (output, 1)
        return factors.Add(factors.EqualTo(0).to(ScalarType.Float32)); // a row of zeros
    }

    private static Tensor Part(Tensor part, Tensor? factors, ScalarType type) => factors is null
        ? part.to(type) : part.to(ScalarType.Float32).mul_(factors).to(type);
}
