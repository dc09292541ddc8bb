using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MiniMind.MLNet.Dpo.CpuKernels.Attention;

/// <summary>Recomputes a chunk of probabilities from scores, in powers of two, and turns the probabilities' gradients into the scores'.</summary>
internal static unsafe class BackwardSoftmax
{
    /// <summary>
    /// Replaces scores by p = 2^(score - logSumExp) and gradients by p * (gradient - delta), both by zero where the lane does not see the key.
    /// </summary>
    /// <param name="scores">(keys, 48).</param>
    /// <param name="gradients">With respect to the probabilities, scaled, (keys, 48).</param>
    /// <param name="keys">The chunk's keys.</param>
    /// <param name="groups">Vectors of lanes that hold rows.</param>
    /// <param name="diagonal">Whether key j is seen by lanes from j on.</param>
    /// <param name="logSumExp">In powers of two, (48).</param>
    /// <param name="delta">Each row's product of output and its gradient, scaled, (48).</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(float* scores, float* gradients, int keys, int groups, bool diagonal, float* logSumExp, float* delta)
    {
        for (int group = 0; group < groups; group++)
        {
            int lane = group * TransposedRows.Group;
            int open = diagonal ? Math.Min(keys, lane + 1) : keys;
            int visible = diagonal ? Math.Min(keys, lane + TransposedRows.Group) : keys;
            Vector512<float> shift = Vector512.Load(logSumExp + lane);
            Vector512<float> mean = Vector512.Load(delta + lane);
            for (int key = 0; key < keys; key++)
            {
                nint at = (nint)key * TransposedRows.Count + lane;
                Vector512<float> probability = Vector512<float>.Zero;
                Vector512<float> gradient = Vector512<float>.Zero;
                if (key < visible)
                {
                    probability = Exponential.BaseTwo(Vector512.Load(scores + at) - shift);
                    if (key >= open)
                    {
                        probability = Vector512.ConditionalSelect(Vector512.LessThan(Vector512<int>.Indices,
                            Vector512.Create(key - lane)).AsSingle(), Vector512<float>.Zero, probability);
                    }

                    gradient = probability * (Vector512.Load(gradients + at) - mean);
                }

                probability.Store(scores + at);
                gradient.Store(gradients + at);
            }
        }
    }
}
