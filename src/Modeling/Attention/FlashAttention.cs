using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling.Attention;

/// <summary>libtorch's flash attention over sequences of different lengths (Dao 2023, arXiv 2307.08691), on CUDA only: TorchSharp does not wrap it.</summary>
internal static class FlashAttention
{
    private const int MostDim = 256;
    private const int DimStep = 8;

    private static readonly ConcurrentDictionary<(int Device, ScalarType Type, long Dim), string?> s_faults = new();

    /// <summary>Whether it computes attention over such tensors, and does so rightly here.</summary>
    /// <param name="query">(N, heads, D).</param>
    /// <param name="dropout">Share of attention weights dropped: none here.</param>
    public static bool Serves(Tensor query, double dropout) =>
        query.device_type == DeviceType.CUDA && dropout == 0 && query.dtype is ScalarType.BFloat16 or ScalarType.Float16 && Fault(query) is null;

    /// <summary>Why it is not used for such tensors; <see langword="null"/> where it is.</summary>
    public static string? Fault(Tensor query)
    {
        long dim = query.shape[^1];
        if (dim > MostDim || dim % DimStep != 0)
            return $"heads of {dim} numbers: it takes multiples of {DimStep} up to {MostDim}";
        return s_faults.GetOrAdd((query.device_index, query.dtype, dim), key => FlashAttentionTrial.Fault(query.device, key.Type, key.Dim));
    }

    /// <summary>Softmax attention of every sequence's own rows over its keys, causal from the last row up.</summary>
    /// <param name="plan">The sequences.</param>
    /// <param name="query">(N, heads, D), bf16 or fp16.</param>
    /// <param name="key">(N, key-value heads, D).</param>
    /// <param name="value">(N, key-value heads, D).</param>
    /// <param name="window">How many rows of its sequence, itself the last, each may see; 0 for all.</param>
    /// <returns>(N, heads * D).</returns>
    /// <exception cref="ExternalException">libtorch refused.</exception>
    public static Tensor Attend(VariableLengthPlan plan, Tensor query, Tensor key, Tensor value, int window)
    {
        using DisposeScope scope = NewDisposeScope();
        (LibtorchValue before, LibtorchValue behind) = window > 0
            ? (LibtorchValue.Optional((long)window - 1), LibtorchValue.Optional(0L))
            : (LibtorchValue.None, LibtorchValue.None);
        // (N, heads, D) first; then sums and the state of dropout, which only its own backward pass reads
        Tensor[] results = LibtorchCall.Invoke("aten::_flash_attention_forward", "", 5,
            LibtorchValue.Of(query.contiguous()), LibtorchValue.Of(plan.Gather(key).contiguous()), LibtorchValue.Of(plan.Gather(value).contiguous()),
            LibtorchValue.Optional(plan.QueryStarts), LibtorchValue.Optional(plan.KeyStarts),
            LibtorchValue.Of(plan.LongestQuery), LibtorchValue.Of(plan.LongestKey),
            LibtorchValue.Of(0.0), LibtorchValue.Of(true), LibtorchValue.Of(false),
            LibtorchValue.None, before, behind, LibtorchValue.None, LibtorchValue.None);
        return results[0].reshape(query.shape[0], -1).MoveToOuterDisposeScope(); // (N, heads * D)
    }
}
