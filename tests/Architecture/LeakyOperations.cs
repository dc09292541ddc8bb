using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Architecture;

/// <summary>What the library must not do: each is found by <see cref="LifetimeRules"/>. Never called.</summary>
internal static class LeakyOperations
{
    public static Tensor NumberTimes(Tensor tensor) => tensor * 2f;

    public static Tensor TwoTensors(Tensor left, Tensor right) => left + right;

    public static Tensor Compared(Tensor tensor) => tensor.ne(0);

    public static Tensor Filled(Tensor tensor) => tensor.fill_(true);

    public static Tensor Counted(int count) => arange(count);

    public static Tensor Masked(Tensor tensor, Tensor mask) => tensor.masked_fill(mask, 1.0);

    public static Tensor Normed(Tensor tensor) => linalg.vector_norm(tensor, 2);

    public static Func<Tensor, Tensor> InALambda() => tensor => tensor.clamp(0, 1);

    public static IEnumerable<Tensor> InAnIterator(Tensor tensor)
    {
        yield return tensor.pow(2);
    }

    public static double Read(Tensor tensor) => tensor.ToScalar().ToDouble();

    public static nint Address(Tensor tensor) => tensor.Handle;

    public static Tensor Shuffled(int count)
    {
        Generator random = new(1);
        return randperm(count, generator: random);
    }

    public static Tensor State() => get_rng_state();

    public static void Seeded() => manual_seed(1);
}
