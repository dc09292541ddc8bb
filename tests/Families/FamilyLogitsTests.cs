using MiniMind.MLNet.Dpo.Tests.Weights.Gguf;
using Xunit.Abstractions;

namespace MiniMind.MLNet.Dpo.Tests.Families;

/// <summary>What a family's model computes, against plain loops in double precision.</summary>
public sealed class FamilyLogitsTests(ITestOutputHelper output)
{
    public static TheoryData<string> Families => [.. FamilyCases.All.Select(one => one.Name)];

    [Theory]
    [MemberData(nameof(Families))]
    public void Load_RandomModel_HasTheLogitsOfScalarLoops(string name)
    {
        FamilyCase family = FamilyCases.Find(name);
        using FamilyCheckpoint checkpoint = new(family);
        using PretrainedModel model = PretrainedModel.Load(checkpoint.Path);
        int[] ids = [1, 700, 33, 5, 9, 1099, 17, 256, 300, 301, 302, 2, 44, 45, 46, 47, 48, 49, 50, 51, 700, 33, 5, 9];

        float[] logits = OurAnswer.Logits(model, ids);

        double[] expected = [.. family.Oracle(checkpoint.Weights).Logits(ids).SelectMany(row => row)];
        double largest = expected.Max(Math.Abs), difference = logits.Zip(expected, (a, b) => Math.Abs(a - b)).Max();
        output.WriteLine($"{name}: logits up to {largest:F2}, off by at most {difference:E2}");
        largest.Should().BeGreaterThan(0.3, "otherwise nothing would be told by them");
        difference.Should().BeLessThan(2e-5 * (1 + largest), "sums in fp32 round");
    }
}
