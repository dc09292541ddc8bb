using System.Runtime.Intrinsics;
using MiniMind.MLNet.Dpo.CpuKernels;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>All trainable parameters of a module as views of one flat buffer, and their gradients as views of another.</summary>
/// <remarks>
/// The module goes on as before: its parameters keep their identity, name and shape, only their memory moves. Backward passes add into the flat gradients.
/// Build it after the module has moved to its device, and set gradients to zero with <see cref="ZeroGradients"/>:
/// <c>module.to()</c> and <c>module.zero_grad()</c> would cut the ties, which <see cref="EnsureBound"/> notices.
/// </remarks>
internal sealed class FlatParameters : IDisposable
{
    private const int PieceLength = 1 << 15; // 128 KiB of each buffer: all of an optimizer's streams fit a core's cache
    private const double ClipEpsilon = 1e-6; // as torch.nn.utils.clip_grad_norm_

    private readonly Parameter[] _parameters;
    private readonly FlatBuffer _values;
    private readonly FlatBuffer _gradients;
    private readonly nint _valuesAddress;
    private readonly nint _gradientsAddress;

    /// <summary>Moves the parameters into flat buffers.</summary>
    /// <param name="parameters">Names and parameters, in the order they are to lie in: fp32, on one device, requiring gradients, none twice.</param>
    /// <param name="decayNorms">Whether weight decay also applies to parameters of one dimension (the weights of norms, biases), as it does in torch.</param>
    /// <exception cref="ArgumentException">There are none, or some cannot be flattened; the message lists each with the reason.</exception>
    public FlatParameters(IEnumerable<(string Name, Parameter Parameter)> parameters, bool decayNorms = true)
    {
        (string Name, Parameter Parameter)[] named = [.. parameters];
        FlatParametersCheck.Check(named);
        _parameters = [.. named.Select(entry => entry.Parameter)];

        List<ParameterSlice> slices = [];
        long end = 0;
        foreach ((string name, Parameter parameter) in named)
        {
            slices.Add(new ParameterSlice(name, end, parameter.numel(), parameter.shape, decayNorms || parameter.dim() > 1));
            end += FlatBuffer.RoundUp(parameter.numel());
        }
        Slices = slices;
        Count = slices.Sum(slice => slice.Length);
        Ranges = FlatRange.Join(slices);
        Pieces = FlatRange.Cut(Ranges, PieceLength);

        Device = _parameters[0].device;
        _values = new FlatBuffer(end, Device);
        _gradients = new FlatBuffer(end, Device);
        Bind();
        using DisposeScope scope = NewDisposeScope();
        _valuesAddress = _values.Tensor.storage<float>().data_ptr();
        _gradientsAddress = _gradients.Tensor.storage<float>().data_ptr();
    }

    /// <summary>Every parameter's values, fp32, one dimension, zero between the slices; changing it changes the module. Owned by this object.</summary>
    public Tensor Values => _values.Tensor;

    /// <summary>Every parameter's gradient, laid out as <see cref="Values"/>. Owned by this object.</summary>
    public Tensor Gradients => _gradients.Tensor;

    /// <summary>The number of parameters in the usual sense: elements, without the gaps between slices.</summary>
    public long Count { get; }

    /// <summary>Where the buffers lie.</summary>
    public Device Device { get; }

    /// <summary>Whether the buffers lie in the CPU's memory, where vector code works on them.</summary>
    public bool OnCpu => Device.type == DeviceType.CPU;

    /// <summary>How many threads passes over CPU memory use: torch's number when this object was made, unless set. Results do not depend on it.</summary>
    public int Threads { get; init; } = get_num_threads();

    /// <summary>The parameters' places, in the order given.</summary>
    public IReadOnlyList<ParameterSlice> Slices { get; }

    /// <summary>The stretches with one rule of weight decay each, for whole-buffer operations.</summary>
    internal IReadOnlyList<FlatRange> Ranges { get; }

    /// <summary>The same in pieces, for passes split over threads.</summary>
    internal IReadOnlyList<FlatRange> Pieces { get; }

    /// <summary>A range of <see cref="Values"/> as vectors; CPU only.</summary>
    internal Span<Vector512<float>> ValueVectors(FlatRange range) => _values.Vectors(range);

    /// <summary>A range of <see cref="Gradients"/> as vectors; CPU only.</summary>
    internal Span<Vector512<float>> GradientVectors(FlatRange range) => _gradients.Vectors(range);

    /// <summary>
    /// The factor that brings a gradient norm down to <paramref name="maxNorm"/>, or 1 where it is below; not a number where the norm is none.
    /// </summary>
    public static double ClipCoefficient(double norm, double maxNorm) => Math.Min(1.0, maxNorm / (norm + ClipEpsilon));

    /// <summary>Sets all gradients to zero, keeping them where they are.</summary>
    public void ZeroGradients() => Gradients.FillInPlace(0);

    /// <summary>The L2 norm over all gradients: summed in double on the CPU, the same at any number of threads. On CUDA it waits for the device.</summary>
    public double GradientNorm()
    {
        if (!OnCpu)
        {
            using Tensor norm = Gradients.norm();
            return norm.item<float>();
        }
        double[] sums = new double[Pieces.Count];
        HostThreads.Run(Pieces.Count, Threads, (piece, _) => sums[piece] = SumOfSquaresKernel.Sum(GradientVectors(Pieces[piece])));
        return Math.Sqrt(sums.Sum());
    }

    /// <summary>Scales the gradients so that their L2 norm is at most <paramref name="maxNorm"/>, as <c>clip_grad_norm_</c> does.</summary>
    /// <returns>The norm before clipping.</returns>
    public double ClipGradients(double maxNorm)
    {
        double norm = GradientNorm();
        Gradients.MulInPlace(ClipCoefficient(norm, maxNorm));
        return norm;
    }

    /// <summary>The same as <see cref="ClipGradients"/> without waiting for the device.</summary>
    /// <returns>The norm before clipping, fp32, no dimensions, on <see cref="Device"/>; the caller disposes it.</returns>
    public Tensor ClipGradientsOnDevice(double maxNorm)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor norm = OnCpu ? tensor((float)GradientNorm()) : Gradients.norm();
        Gradients.mul_(norm.Add(ClipEpsilon).reciprocal_().MulInPlace(maxNorm).ClampMaxInPlace(1));
        return norm.MoveToOuterDisposeScope();
    }

    /// <summary>Makes sure that the module's parameters and gradients still are views of the buffers.</summary>
    /// <exception cref="InvalidOperationException">One is not; the message names it and what may have replaced it.</exception>
    public void EnsureBound()
    {
        using DisposeScope scope = NewDisposeScope();
        for (int i = 0; i < _parameters.Length; i++)
        {
            if (_parameters[i].IsInvalid || !LiesAt(_parameters[i], _valuesAddress, Slices[i].Offset))
            {
                throw new InvalidOperationException(
                    $"Parameter '{Slices[i].Name}' is no longer a view of the flat buffer: the module was moved, disposed or given other tensors. Build " +
                        "FlatParameters after that.");
            }

            if (_parameters[i].grad is not { } gradient || !LiesAt(gradient, _gradientsAddress, Slices[i].Offset))
            {
                throw new InvalidOperationException(
                    $"The gradient of '{Slices[i].Name}' is not a view of the flat buffer, so a step would not see it: use FlatParameters.ZeroGradients " +
                        "instead of zero_grad().");
            }
        }
    }

    /// <summary>Gives the buffers back; parameters keep their values, and lose their gradients.</summary>
    public void Dispose()
    {
        foreach (Parameter parameter in _parameters)
        {
            if (!parameter.IsInvalid)
                parameter.grad = null;
        }

        _values.Dispose();
        _gradients.Dispose();
    }

    private static bool LiesAt(Tensor tensor, nint address, long offset) =>
        tensor.storage_offset() == offset && tensor.storage<float>().data_ptr() == address;

    private void Bind()
    {
        for (int i = 0; i < _parameters.Length; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            using (no_grad())
            {
                Tensor values = Values.narrow(0, Slices[i].Offset, Slices[i].Length).view(_parameters[i].shape);
                values.copy_(_parameters[i]);
                _parameters[i].set_(values);
            }
            _parameters[i].grad = Gradients.narrow(0, Slices[i].Offset, Slices[i].Length).view(_parameters[i].shape);
        }
    }
}
