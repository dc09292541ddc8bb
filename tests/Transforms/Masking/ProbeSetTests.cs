using MiniMind.MLNet.Dpo.Transforms.Masking;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Masking;

public sealed class ProbeSetTests
{
    [Fact]
    public void Plain_Conversations_AreTriedOnceEach() => ProbeSet.Plain.Should().OnlyHaveUniqueItems();

    [Theory]
    [InlineData("ua")]
    [InlineData("sua")]
    [InlineData("uaua")]
    [InlineData("suaua")]
    [InlineData("uAta")]
    [InlineData("uAtaua")]
    public void Plain_ConversationWithTools_IsTriedAndHasToComeOutRight(string roles)
    {
        Probe probe = ProbeSet.Plain.Should().ContainSingle(probe => probe.Roles == roles && probe.HasTools).Subject;

        ProbeSet.IsUsual(probe).Should().BeTrue();
        ProbeSet.IsUsual(probe with { AddGenerationPrompt = true }).Should().BeFalse();
    }
}
