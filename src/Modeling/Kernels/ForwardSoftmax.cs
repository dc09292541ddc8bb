using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MiniMind.MLNet.Dpo.Modeling.Kernels;

/// <summary>Turns a chunk of scores, in powers of two, into unnormalised probabilities, keeping per lane the running maximum and sum.</summary>
internal static unsafe class ForwardSoftmax
{
    /// <summary>Replaces scores [keys, 48] by 2^(score - maximum) and updates maximum and sum [48]; factor [48] receives what earlier chunks' results must be multiplied by, and the return value says whether any factor differs from one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Apply(float* scores, int keys, int groups, bool diagonal, float* maximum, float* sum, float* factor)
    {
        var moved = false;
        for (var group = 0; group < groups; group++)
        {
            var lane = group * Lanes.Group;
            var visible = diagonal ? Math.Min(keys, lane + Lanes.Group) : keys;
            if (diagonal)
                Mask(scores + lane, lane + 1, visible, lane);

            var before = Vector512.Load(maximum + lane);
            var now = Vector512.MaxNative(before, Largest(scores + lane, visible));
            now.Store(maximum + lane);
            var shrink = Exponential.BaseTwo(before - now);
            shrink.Store(factor + lane);
            moved |= !Vector512.EqualsAll(shrink, Vector512<float>.One);
            (Vector512.Load(sum + lane) * shrink + Exponentiate(scores + lane, visible, now)).Store(sum + lane);
            for (var key = visible; key < keys; key++)
                Vector512<float>.Zero.Store(scores + (nint)key * Lanes.Count + lane);
        }

        return moved;
    }

    private static void Mask(float* scores, int from, int to, int lane)
    {
        for (var key = from; key < to; key++)
        {
            var at = scores + (nint)key * Lanes.Count;
            var hidden = Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(key - lane)).AsSingle();
            Vector512.ConditionalSelect(hidden, Vector512.Create(float.NegativeInfinity), Vector512.Load(at)).Store(at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector512<float> Largest(float* scores, int keys)
    {
        var even = Vector512.Create(float.NegativeInfinity);
        var odd = even;
        var key = 0;
        for (; key + 1 < keys; key += 2, scores += 2 * Lanes.Count)
        {
            even = Vector512.MaxNative(even, Vector512.Load(scores));
            odd = Vector512.MaxNative(odd, Vector512.Load(scores + Lanes.Count));
        }

        return Vector512.MaxNative(even, key < keys ? Vector512.MaxNative(odd, Vector512.Load(scores)) : odd);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector512<float> Exponentiate(float* scores, int keys, Vector512<float> maximum)
    {
        var sum = Vector512<float>.Zero;
        for (var key = 0; key < keys; key++, scores += Lanes.Count)
        {
            var probability = Exponential.BaseTwo(Vector512.Load(scores) - maximum);
            probability.Store(scores);
            sum += probability;
        }

        return sum;
    }
}
