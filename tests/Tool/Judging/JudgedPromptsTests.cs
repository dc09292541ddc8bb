using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Tool.Judging;

namespace MiniMind.MLNet.Dpo.Tool.Tests.Judging;

public sealed class JudgedPromptsTests
{
    private const string User = """{"role":"user","content":"Hi?"}""", System = """{"role":"system","content":"Be kind."}""",
        Yes = """{"role":"assistant","content":"Yes."}""", No = """{"role":"assistant","content":"No."}""";

    [Fact]
    public void Of_OneQuestion_IsItsText()
    {
        JudgedPrompt prompt = JudgedPrompts.Of($"[{User},{Yes}]", $"[{User},{No}]", 7);

        prompt.Should().BeEquivalentTo(new { Line = 7, Text = "Hi?" });
        prompt.Messages.Should().ContainSingle().Which.Text.Should().Be("Hi?");
    }

    [Fact]
    public void Of_SystemAndTurns_IsEveryMessageUpToTheLastQuestionOfBoth()
    {
        JudgedPrompt prompt = JudgedPrompts.Of($"[{System},{User},{Yes},{User},{Yes},{User},{Yes}]", $"[{System},{User},{Yes},{User},{No},{User},{Yes}]", 1);

        prompt.Messages.Select(message => message.Role).Should().Equal(ChatRole.System, ChatRole.User, ChatRole.Assistant, ChatRole.User);
        prompt.Text.Should().Be("system:\nBe kind.\n\nuser:\nHi?\n\nassistant:\nYes.\n\nuser:\nHi?");
    }

    [Fact]
    public void Of_BeginningOfAnAnswerInBoth_EndsBeforeIt() =>
        JudgedPrompts.Of($"[{User},{Yes},{Yes}]", $"[{User},{Yes},{No}]", 1).Messages.Should().ContainSingle();

    [Fact]
    public void Of_FieldsOfTrainingAndEmptyOnes_AreLeftOut() => JudgedPrompts.Of(
        """[{"role":"user","content":"Hi?","weight":0,"train":true,"tools":[],"name":null}]""",
        """[{"role":"user","content":"Hi?","weight":0,"train":true,"tools":[],"name":null}]""", 1).Text.Should().Be("Hi?");

    [Theory]
    [InlineData("""{"role":"user","content":"Hi?","tools":[{"type":"function"}]}""", "'tools' in a message")]
    [InlineData("""{"role":"user","content":"Hi?","tools":"[{}]"}""", "'tools' in a message")]
    [InlineData("""{"role":"user","content":"Hi?","name":"Ann"}""", "'name' in a message")]
    [InlineData("""{"role":"user","content":["Hi?"]}""", "a message whose content is no text")]
    [InlineData("""{"role":"user","content":null}""", "a message whose content is no text")]
    [InlineData("""{"role":"tool","content":"8"},{"role":"user","content":"Hi?"}""", "a message of the role 'tool'")]
    public void Of_WhatNoWordsAsk_IsRefusedWithItsLine(string messages, string fault) =>
        FluentActions.Invoking(() => JudgedPrompts.Of($"[{messages},{Yes}]", $"[{messages},{No}]", 12))
            .Should().Throw<InvalidDataException>().WithMessage($"Line 12: the prompt has {fault}, which*");

    [Fact]
    public void Of_NothingInCommon_IsRefused() => FluentActions.Invoking(() => JudgedPrompts.Of($"[{Yes}]", $"[{No}]", 3))
        .Should().Throw<InvalidDataException>().WithMessage("Line 3:*no prompt to answer.");
}
