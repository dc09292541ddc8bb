using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

/// <summary>Compares configurations by what they say, not by which of it was said and which is a default.</summary>
internal static class ConfigComparison
{
    public static void ShouldSay(this ModelConfig actual, ModelConfig expected) =>
        actual.Should().BeEquivalentTo(expected, options => options.ComparingByMembers<ModelConfig>());
}
