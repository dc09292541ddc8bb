using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels;

/// <summary>Log-probabilities of labels from logits, without the log-softmax of the others, and the logits' gradient in their own memory.</summary>
public static unsafe class LogSoftmaxKernel
{
    private const int Block = 4; // rows

    /// <summary>Log-probabilities, in nats.</summary>
    /// <param name="logits">(M, V), fp32 or bf16.</param>
    /// <param name="labels">(M), int64.</param>
    /// <returns>Of the labels, and the logarithm of each row's summed exponentials, (M), fp32, in the current scope.</returns>
    public static (Tensor LogProbs, Tensor LogSums) Forward(Tensor logits, Tensor labels)
    {
        Tensor logProbs = empty(logits.shape[0]), logSums = empty(logits.shape[0]); // (M), (M)
        if (logits.dtype == ScalarType.BFloat16)
            Forward<Bf16Element>(logits, labels, logProbs, logSums);
        else
            Forward<Fp32Element>(logits, labels, logProbs, logSums);
        return (logProbs, logSums);
    }

    /// <summary>
    /// Replaces logits by the gradient with respect to them: of a label's log-probability, the derivative by the logits is the label's one-hot row less the
    /// softmax.
    /// </summary>
    /// <param name="logits">(M, V), fp32 or bf16.</param>
    /// <param name="labels">(M), int64.</param>
    /// <param name="logSums">(M), from the forward pass.</param>
    /// <param name="gradient">With respect to the labels' log-probabilities, (M), fp32.</param>
    public static void BackwardInPlace(Tensor logits, Tensor labels, Tensor logSums, Tensor gradient)
    {
        if (logits.dtype == ScalarType.BFloat16)
            Backward<Bf16Element>(logits, labels, logSums, gradient);
        else
            Backward<Fp32Element>(logits, labels, logSums, gradient);
    }

    private static void Forward<T>(Tensor logits, Tensor labels, Tensor logProbs, Tensor logSums) where T : IElement
    {
        nint width = (nint)logits.shape[1];
        byte* from = KernelMemory.Bytes(logits);
        long* label = (long*)KernelMemory.Bytes(labels);
        float* to = KernelMemory.Fp32(logProbs), sums = KernelMemory.Fp32(logSums);
        HostThreads.Rows(logits.shape[0], Block, (_, first, end) =>
        {
            for (nint row = (nint)first; row < end; row++)
            {
                byte* scores = from + row * width * T.Size;
                nint own = Checked(label[row], width);
                (float max, float log) = LogSum<T>(scores, width);
                sums[row] = max + log;
                to[row] = One<T>(scores, own) - max - log; // in two steps, which loses nothing where logits are large
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (float Max, float Log) LogSum<T>(byte* scores, nint width) where T : IElement
    {
        nint whole = width - width % Vector512<float>.Count;
        Vector512<float> highest = Vector512.Create(float.NegativeInfinity);
        for (nint i = 0; i < whole; i += Vector512<float>.Count)
            highest = Vector512.Max(highest, T.Load(scores, i, width));
        float max = float.NegativeInfinity;
        for (int lane = 0; lane < Vector512<float>.Count; lane++)
            max = MathF.Max(max, highest[lane]);
        for (nint i = whole; i < width; i++)
            max = MathF.Max(max, One<T>(scores, i));

        Vector512<float> shift = Vector512.Create(max), even = default, odd = default;
        nint pairs = whole - whole % (2 * Vector512<float>.Count);
        for (nint i = 0; i < pairs; i += 2 * Vector512<float>.Count)
        {
            even += Exponential.OfNats(T.Load(scores, i, width) - shift);
            odd += Exponential.OfNats(T.Load(scores, i + Vector512<float>.Count, width) - shift);
        }
        if (pairs < whole)
            even += Exponential.OfNats(T.Load(scores, pairs, width) - shift);
        double sum = Vector512.Sum(even) + (double)Vector512.Sum(odd);
        for (nint i = whole; i < width; i++)
            sum += MathF.Exp(One<T>(scores, i) - max);
        return (max, (float)Math.Log(sum));
    }

    private static void Backward<T>(Tensor logits, Tensor labels, Tensor logSums, Tensor gradient) where T : IElement
    {
        nint width = (nint)logits.shape[1];
        byte* memory = KernelMemory.Bytes(logits);
        long* label = (long*)KernelMemory.Bytes(labels);
        float* sums = KernelMemory.Fp32(logSums), upper = KernelMemory.Fp32(gradient);
        HostThreads.Rows(logits.shape[0], Block, (_, first, end) =>
        {
            for (nint row = (nint)first; row < end; row++)
                BackwardRow<T>(memory + row * width * T.Size, Checked(label[row], width), sums[row], upper[row], width);
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BackwardRow<T>(byte* scores, nint label, float logSum, float gradient, nint width) where T : IElement
    {
        float difference = gradient * (1 - MathF.Exp(One<T>(scores, label) - logSum));
        Vector512<float> shift = Vector512.Create(logSum), factor = Vector512.Create(-gradient);
        for (nint i = 0; i < width; i += Vector512<float>.Count)
            T.Store(scores, i, width - i, factor * Exponential.BaseTwo((T.Load(scores, i, width - i) - shift) * Exponential.NatsToPower));
        T.Store(scores, label, 1, Vector512.Create(difference));
    }

    private static float One<T>(byte* scores, nint index) where T : IElement => T.Load(scores, index, 1)[0];

    private static nint Checked(long label, nint width) =>
        label >= 0 && label < width ? (nint)label : throw new IndexOutOfRangeException($"The label {label} is not in the vocabulary of {width} tokens.");
}
