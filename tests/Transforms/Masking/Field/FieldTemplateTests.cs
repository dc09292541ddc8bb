using System.Text.Json;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Transforms.Masking;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Masking.Field;

public sealed class FieldTemplateTests
{
    public static TheoryData<string> Templates => [.. FieldTemplate.All.Keys];

    public static TheoryData<string> Refused => [.. FieldTemplate.Refused.Keys];

    [Theory]
    [MemberData(nameof(Templates))]
    public void Mask_OfUsualConversations_HoldsExactlyTheAnswers(string name)
    {
        FieldTemplate template = FieldTemplate.All[name];
        TemplateTrial trial = new(template.Source);
        ResponseSpanRule rule = trial.Rule();
        foreach (TrialKind kind in TrialKind.Usual)
        {
            string text = trial.Render(kind)!.Text;

            string[] masked = trial.Masked(rule, text);

            string[] expected = [.. Answers(kind, template)];
            // a line end before an answer and the white space that it starts with can be one token, which then is in the mask
            for (int i = 0; i < masked.Length && i < expected.Length; i++)
            {
                if (masked[i] == "\n" + expected[i] && char.IsWhiteSpace(expected[i][0]))
                    masked[i] = expected[i];
            }

            masked.Should().Equal(expected, "'{0}' wrote {1}: {2}", name, kind.Name, JsonSerializer.Serialize(text));
        }
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void For_TemplateThatDoesNotTellItsAnswers_IsRefusedWithWhatWasFoundAndTheWaysOut(string name)
    {
        (string source, string says) = FieldTemplate.Refused[name];
        TemplateTrial trial = new(source);

        FluentActions.Invoking(trial.Rule).Should().Throw<ArgumentException>()
            .WithMessage($"*{says}*").WithMessage("*ResponseStart*ResponseEnd*HeaderPattern*").WithMessage("*{% generation %}*");
    }

    [Fact]
    public void Mask_OfAnAnswerThatComesFirst_HoldsItWhereTheTemplateCanTell()
    {
        TemplateTrial trial = new(FieldTemplate.All["instructions without alternation"].Source);
        RenderedChat text = trial.Render(
            """[{"role":"assistant","content":"Hello."},{"role":"user","content":"Hi."},{"role":"assistant","content":"Well?"}]""", false)!;

        trial.Masked(trial.Rule(), text.Text).Should().Equal("Hello.<EOS>", "Well?<EOS>");
    }

    [Fact]
    public void Mask_OfTwoAnswersInARow_HoldsBoth()
    {
        TemplateTrial trial = new(FieldTemplate.All["instructions without alternation"].Source);
        RenderedChat text = trial.Render("""[{"role":"user","content":"Hi."},{"role":"assistant","content":"Hello."},{"role":"assistant","content":"Well?"},{"role":"user","content":"Yes."}]""", false)!;

        string.Concat(trial.Masked(trial.Rule(), text.Text)).Should().Be("Hello.<EOS>Well?<EOS>", "the second one follows the first one's end, and no [INST]");
    }

    private static IEnumerable<string> Answers(TrialKind kind, FieldTemplate template)
    {
        using JsonDocument messages = JsonDocument.Parse(kind.MessagesJson);
        int count = messages.RootElement.GetArrayLength(), index = 0;
        foreach (JsonElement message in messages.RootElement.EnumerateArray())
        {
            index++;
            if (message.GetProperty("role").GetString() != "assistant")
                continue;
            yield return template.Start + message.GetProperty("content").GetString() + (index == count ? template.LastEnd ?? template.End : template.End);
        }
    }
}
