using MiniMind.MLNet.Dpo.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

/// <summary>Compares two files tensor by tensor, byte by byte.</summary>
internal static class SourceComparison
{
    public static void ShouldEqual(this IWeightSource actual, IWeightSource expected)
    {
        actual.Tensors.Keys.Should().BeEquivalentTo(expected.Tensors.Keys);
        foreach ((string name, WeightView view) in expected.Tensors)
        {
            actual.Tensors[name].Shape.Should().Equal(view.Shape, name);
            Bytes(actual.Tensors[name]).AsSpan().SequenceEqual(Bytes(view)).Should().BeTrue($"the bytes of {name} must be the same");
        }
    }

    /// <summary>Whether two tensors have the same shape and, bit for bit, the same elements.</summary>
    public static bool SameAs(this Tensor actual, Tensor expected)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor packed = actual.detach().contiguous(), expectedPacked = expected.detach().contiguous();
        return actual.shape.SequenceEqual(expected.shape) && actual.dtype == expected.dtype
            && (actual.NumberOfElements == 0 || packed.bytes.SequenceEqual(expectedPacked.bytes));
    }

    public static byte[] Bytes(WeightView view)
    {
        using Tensor tensor = empty(view.Shape, view.Type);
        view.CopyTo(tensor);
        return view.ElementCount == 0 ? [] : tensor.bytes.ToArray();
    }
}
