using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MiniMind.MLNet.Dpo.Modeling.Kernels;

/// <summary>Recomputes a chunk of probabilities from scores, in powers of two, and turns the probabilities' gradients into the scores'.</summary>
internal static unsafe class BackwardSoftmax
{
    /// <summary>Replaces scores [keys, 48] by p = 2^(score - logSumExp) and gradients [keys, 48] by p * (gradient - delta), both zero where the lane does not see the key; logSumExp and delta are [48].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(float* scores, float* gradients, int keys, int groups, bool diagonal, float* logSumExp, float* delta)
    {
        for (var group = 0; group < groups; group++)
        {
            var lane = group * Lanes.Group;
            var open = diagonal ? Math.Min(keys, lane + 1) : keys;
            var visible = diagonal ? Math.Min(keys, lane + Lanes.Group) : keys;
            var shift = Vector512.Load(logSumExp + lane);
            var mean = Vector512.Load(delta + lane);
            for (var key = 0; key < keys; key++)
            {
                var at = (nint)key * Lanes.Count + lane;
                var probability = Vector512<float>.Zero;
                var gradient = Vector512<float>.Zero;
                if (key < visible)
                {
                    probability = Exponential.BaseTwo(Vector512.Load(scores + at) - shift);
                    if (key >= open)
                        probability = Vector512.ConditionalSelect(Vector512.LessThan(Vector512<int>.Indices,
                            Vector512.Create(key - lane)).AsSingle(), Vector512<float>.Zero, probability);
                    gradient = probability * (Vector512.Load(gradients + at) - mean);
                }

                probability.Store(scores + at);
                gradient.Store(gradients + at);
            }
        }
    }
}
