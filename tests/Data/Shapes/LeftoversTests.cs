using MiniMind.MLNet.Dpo.Data;
using static MiniMind.MLNet.Dpo.Tests.Data.JsonlLines;

namespace MiniMind.MLNet.Dpo.Tests.Data.Shapes;

public class LeftoversTests
{
    [Theory]
    [InlineData(""" "id": "row 7", "score_chosen": 8.5, "margin": "0.5", "is_safe": true """)]
    [InlineData(""" "source": "ultrachat_200k", "dataset": "argilla/some set" """)]
    [InlineData(""" "chosen_model": "gpt 4", "rating": [9.0, 3.0], "num_turns": 2, "order": ["chosen", "rejected"] """)]
    [InlineData(""" "system": "", "note": null, "history": [], "tools": "" """)]
    [InlineData(""" "created_at": "2024-01-01 10:00", "metadata": {"a": "some words here"} """)]
    [InlineData(""" "column": "12.5", "scores": {"a": 1, "b": [2]} """)]
    public void Read_BareStringsBesideFacts_AreDivided(string fields) =>
        Said($$"""{ {{fields}}, "chosen": "The sky is blue.", "rejected": "The sky is green." }""").Chosen.Should().Be("user: The sky is | assistant:  blue.");

    [Theory]
    [InlineData(""" "q": "Which sky?" """, "q")]
    [InlineData(""" "q": "Sky?" """, "q")]
    [InlineData(""" "q": "Sky" """, "q")]
    [InlineData(""" "问题": "天空?" """, "问题")]
    [InlineData(""" "turns": ["Which sky?"] """, "turns")]
    [InlineData(""" "post": {"text": "Which sky?"} """, "post")]
    [InlineData(""" "source": "Der Himmel ist blau." """, "source")]
    [InlineData(""" "source": "Hallo" """, "source")]
    [InlineData(""" "topic": "Which sky?" """, "topic")]
    [InlineData(""" "rationale": "Because it is so." """, "rationale")]
    [InlineData(""" "context": "The sky" """, "context")]
    [InlineData(""" "userPrompt": "42" """, "userPrompt")]
    public void Read_BareStringsBesideAText_AreNotDividedByGuess(string fields, string name)
    {
        PreferenceDataException fault = Fault($$"""{ {{fields}}, "chosen": "The sky is blue.", "rejected": "The sky is green." }""");
        (fault.Reason, fault.Field).Should().Be((BadRowReason.UnreadField, name));
        fault.Message.Should().StartWith($"dpo.jsonl:1: the row has two bare strings without a prompt, and '{name}', which may be their prompt")
            .And.Contain($"The row has '{name}', 'chosen', 'rejected'.").And.Contain($"an option of PreferenceFileOptions, such as Prompt = \"{name}\"");
    }

    [Fact]
    public void Read_BareStringsBesideAnExtraColumn_AreNotDividedByGuess() =>
        Fault(Pairs(new PreferenceFileOptions { ExtraColumns = ["q"] },
            """{"q": "Which sky?", "chosen": "The sky is blue.", "rejected": "The sky is green."}"""))
            .Reason.Should().Be(BadRowReason.UnreadField, "a column beside the conversation does not make the text part of it");

    [Theory]
    [InlineData(""" "source": "a web page" """)]
    [InlineData(""" "rationale": "Because it is so, in many words." """)]
    [InlineData(""" "policy": "gpt-4-0613" """)]
    [InlineData(""" "labelling_prompt": [{"role": "user", "content": "Which is better?"}] """)]
    [InlineData(""" "generations": ["Blue.", " Green. "], "messages": [{"role": "user", "content": "Sky?"}, {"role": "assistant", "content": "Blue."}] """)]
    [InlineData(""" "messages": "[{'role': 'user', 'content': 'Sky?'}]" """)]
    [InlineData(""" "harm_category": {"animals": false} """)]
    public void Read_ExplicitPromptBesideWhatIsNoPartOfIt_IsRead(string fields) =>
        Said($$"""{ {{fields}}, "prompt": "Sky?", "chosen": "Blue.", "rejected": "Green." }""").Chosen.Should().Be("user: Sky? | assistant: Blue.");

    [Fact]
    public void Read_UnknownTextThatAnExtraColumnCarries_IsRead() =>
        Said(new PreferenceFileOptions { ExtraColumns = ["remark"] },
            """{"remark": "Some words.", "prompt": "Sky?", "chosen": "Blue.", "rejected": "Green."}""").Should().ContainSingle();

    [Theory]
    [InlineData("### Human: Sky?### Assistant: I think blue.", "### Human: Sky?### Assistant: I think green.")]
    [InlineData("USER: Sky? ASSISTANT: I think blue.", "USER: Sky? ASSISTANT: I think green.")]
    [InlineData("Question: Sky?\\nAnswer: I think blue.", "Question: Sky?\\nAnswer: I think green.")]
    [InlineData("Human: Sky?\\nAssistant: I think blue.", "Human: Sky?\\nAssistant: I think green.")]
    [InlineData("Human: Sky?\\nAssistant: blue.", "Human: Sky?\\nAssistant: green.")]
    [InlineData("User: Sky?\\nAI: blue.", "User: Sky?\\nAI: green.")]
    [InlineData("### Human: Sky?\\n### Assistant: blue.", "### Human: Sky?\\n### Assistant: green.")]
    [InlineData("USER: Sky? ASSISTANT: blue.", "USER: Sky? ASSISTANT: green.")]
    [InlineData("\\n\\nAssistant: blue.", "\\n\\nAssistant: green.")]
    [InlineData("A dialogue.\\n\\nHuman: Sky?\\n\\nAssistant: blue.", "A dialogue.\\n\\nHuman: Sky?\\n\\nAssistant: green.")]
    public void Read_BareTranscriptsOfAnUnknownForm_AreNotDividedWithinThem(string chosen, string rejected) =>
        Fault($$"""{"chosen": "{{chosen}}", "rejected": "{{rejected}}"}""").Message.Should().Contain("the answers look like transcripts");

    [Fact]
    public void Read_BareTranscriptsThatPartBehindTheMark_AreDivided() =>
        Said("""{"chosen": "Question: Sky?\nAnswer: blue.", "rejected": "Question: Sky?\nAnswer: green."}""").Rejected.Should()
            .Be("user: Question: Sky?\nAnswer: | assistant:  green.");
}
