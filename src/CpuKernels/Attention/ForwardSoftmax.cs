using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MiniMind.MLNet.Dpo.CpuKernels.Attention;

/// <summary>Turns a chunk of scores, in powers of two, into unnormalised probabilities, keeping per lane the running maximum and sum.</summary>
internal static unsafe class ForwardSoftmax
{
    /// <summary>Replaces scores by 2^(score - maximum) and updates maximum and sum.</summary>
    /// <param name="scores">(keys, 48).</param>
    /// <param name="keys">The chunk's keys.</param>
    /// <param name="groups">Vectors of lanes that hold rows.</param>
    /// <param name="diagonal">Whether key j is seen by lanes from j on; the others get zeros.</param>
    /// <param name="maximum">The largest score so far, (48).</param>
    /// <param name="sum">The sum of powers so far, (48).</param>
    /// <param name="factor">Receives what earlier chunks' results must be multiplied by, (48).</param>
    /// <returns>Whether any factor differs from one.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Apply(float* scores, int keys, int groups, bool diagonal, float* maximum, float* sum, float* factor)
    {
        bool moved = false;
        for (int group = 0; group < groups; group++)
        {
            int lane = group * TransposedRows.Group;
            int visible = diagonal ? Math.Min(keys, lane + TransposedRows.Group) : keys;
            if (diagonal)
                Mask(scores + lane, lane + 1, visible, lane);

            Vector512<float> before = Vector512.Load(maximum + lane);
            Vector512<float> now = Vector512.MaxNative(before, Largest(scores + lane, visible));
            now.Store(maximum + lane);
            Vector512<float> shrink = Exponential.BaseTwo(before - now);
            shrink.Store(factor + lane);
            moved |= !Vector512.EqualsAll(shrink, Vector512<float>.One);
            (Vector512.Load(sum + lane) * shrink + Exponentiate(scores + lane, visible, now)).Store(sum + lane);
            for (int key = visible; key < keys; key++)
                Vector512<float>.Zero.Store(scores + (nint)key * TransposedRows.Count + lane);
        }

        return moved;
    }

    private static void Mask(float* scores, int from, int to, int lane)
    {
        for (int key = from; key < to; key++)
        {
            float* at = scores + (nint)key * TransposedRows.Count;
            Vector512<float> hidden = Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(key - lane)).AsSingle();
            Vector512.ConditionalSelect(hidden, Vector512.Create(float.NegativeInfinity), Vector512.Load(at)).Store(at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector512<float> Largest(float* scores, int keys)
    {
        Vector512<float> even = Vector512.Create(float.NegativeInfinity);
        Vector512<float> odd = even;
        int key = 0;
        for (; key + 1 < keys; key += 2, scores += 2 * TransposedRows.Count)
        {
            even = Vector512.MaxNative(even, Vector512.Load(scores));
            odd = Vector512.MaxNative(odd, Vector512.Load(scores + TransposedRows.Count));
        }

        return Vector512.MaxNative(even, key < keys ? Vector512.MaxNative(odd, Vector512.Load(scores)) : odd);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector512<float> Exponentiate(float* scores, int keys, Vector512<float> maximum)
    {
        Vector512<float> sum = Vector512<float>.Zero;
        for (int key = 0; key < keys; key++, scores += TransposedRows.Count)
        {
            Vector512<float> probability = Exponential.BaseTwo(Vector512.Load(scores) - maximum);
            probability.Store(scores);
            sum += probability;
        }

        return sum;
    }
}
