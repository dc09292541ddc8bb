using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.Weights;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

/// <summary>The pass over loaded numbers, against a loop that looks at each.</summary>
public sealed class WeightMagnitudeTests
{
    [Fact]
    public void Add_AnyLengthAndBits_AgreesWithALoop()
    {
        Random random = new(4);
        for (int length = 0; length < 200; length++)
        {
            float[] numbers = [.. Enumerable.Range(0, length).Select(_ => BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)))];
            if (length % 3 == 0)
                numbers = [.. numbers.Select(number => float.IsFinite(number) ? number : 1)];
            WeightMagnitude magnitude = default;

            magnitude.Add(MemoryMarshal.AsBytes(numbers.AsSpan()), ScalarType.Float32);

            magnitude.NotNumbers.Should().Be(numbers.Count(float.IsNaN));
            magnitude.Infinities.Should().Be(numbers.Count(float.IsInfinity));
            magnitude.IsFinite.Should().Be(numbers.All(float.IsFinite));
            if (magnitude.IsFinite)
                magnitude.Largest.Should().Be(numbers.Select(Math.Abs).DefaultIfEmpty().Max());
        }
    }

    [Fact]
    public void Add_EveryPlaceOfOneNaN_IsSeen()
    {
        for (int place = 0; place < 300; place++)
        {
            float[] numbers = new float[300];
            numbers[place] = float.NaN;
            WeightMagnitude magnitude = default;
            magnitude.Add(MemoryMarshal.AsBytes(numbers.AsSpan()), ScalarType.Float32);
            magnitude.NotNumbers.Should().Be(1, "place {0}", place);
        }
    }

    [Theory]
    [InlineData(ScalarType.Float16, 65504f)]
    [InlineData(ScalarType.BFloat16, -1e30f)]
    [InlineData(ScalarType.Float64, 1e38f)]
    public void Add_OtherTypes_AreLookedAtAsTheyAre(ScalarType type, float number)
    {
        using Tensor single = tensor(new[] { 1f, number, 2f }), other = single.to_type(type), back = other.to_type(ScalarType.Float32);
        WeightMagnitude magnitude = other.Magnitude();
        magnitude.Largest.Should().Be(Math.Abs(back.data<float>()[1]));
        magnitude.IsFinite.Should().BeTrue();
    }
}
