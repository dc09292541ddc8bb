using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels;

/// <summary>fp32 matrix products by oneDNN, which libtorch brings but takes for bf16 only.</summary>
/// <remarks>libtorch's fp32 products are MKL's. On AMD processors MKL runs kernels of 256 bits, oneDNN those of 512: 2.3 times faster on a Zen 5.</remarks>
public static unsafe class OneDnnProduct
{
    private static readonly nint s_linear = Find();
    private static readonly byte[] s_noActivation = Encoding.ASCII.GetBytes("none\0");

    /// <summary>Whether this machine's fp32 products are faster here: an AMD processor with AVX-512, and a libtorch that has the function.</summary>
    /// <remarks>By the processor and not by a measurement, so that runs on the same machine round alike.</remarks>
    internal static bool Pays => s_linear != 0;

    /// <summary>What multiplies fp32 matrices on this machine's CPU, since libraries round in different orders.</summary>
    public static string Library => Pays ? "oneDNN" : "libtorch's BLAS";

    /// <summary>Multiplies, without a graph.</summary>
    /// <param name="input">(N, input), fp32, any strides.</param>
    /// <param name="weight">(output, input), fp32, any strides.</param>
    /// <returns>(N, output) in the current scope.</returns>
    /// <exception cref="ExternalException">oneDNN refused, for want of memory as a rule.</exception>
    internal static Tensor Of(Tensor input, Tensor weight)
    {
        using DisposeScope scope = NewDisposeScope();
        (input, weight) = (Dense(input), Dense(weight));
        nint result;
        int error;
        HostThreads.ShieldWorkers(get_num_threads());
        SignalSet signals = SignalShield.Enter();
        fixed (byte* none = s_noActivation)
        {
            error = ((delegate* unmanaged[Cdecl]<nint, nint, nint*, byte*, double**, long, byte**, nint*, int>)s_linear)(
                input.Handle, weight.Handle, null, none, null, 0, null, &result);
        }
        SignalShield.Leave(signals);
        GC.KeepAlive(input);
        GC.KeepAlive(weight);
        if (error != 0)
        {
            throw new ExternalException(
                $"oneDNN could not multiply ({string.Join(", ", input.shape)}) by ({string.Join(", ", weight.shape)}) transposed (code {error}); out of " +
                "memory, as a rule.");
        }

        return Tensor.UnsafeCreateTensor(result).MoveToOuterDisposeScope(); // (N, output)
    }

    /// <summary>Rows or columns without gaps; with gaps, oneDNN takes a thousand times as long.</summary>
    public static Tensor Dense(Tensor matrix)
    {
        long[] shape = matrix.shape, strides = matrix.stride();
        if (strides[1] == 1 && strides[0] == shape[1] || strides[0] == 1 && strides[1] == shape[0])
            return matrix;
        return strides[0] == 1 ? matrix.t().contiguous().t() : matrix.contiguous();
    }

    private static nint Find()
    {
        if (!Avx512F.IsSupported || !IsAmd())
            return 0;
        return TorchLibrary.TryGetExport("aoti_torch_cpu__linear_pointwise", out nint address) ? address : 0;
    }

    private static bool IsAmd()
    {
        (_, int b, int c, int d) = X86Base.CpuId(0, 0);
        return (b, d, c) == (0x68747541, 0x69746E65, 0x444D4163); // "AuthenticAMD"
    }
}
