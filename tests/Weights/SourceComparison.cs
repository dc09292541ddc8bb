using MiniMind.MLNet.Dpo.Weights;
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

    public static byte[] Bytes(WeightView view)
    {
        using Tensor tensor = empty(view.Shape, view.Type);
        view.CopyTo(tensor);
        return view.ElementCount == 0 ? [] : tensor.bytes.ToArray();
    }
}
