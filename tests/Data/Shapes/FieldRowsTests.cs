using MiniMind.MLNet.Dpo.Data;
using static MiniMind.MLNet.Dpo.Tests.Data.JsonlLines;

namespace MiniMind.MLNet.Dpo.Tests.Data.Shapes;

/// <summary>Rows as people bring them, made after public reports: each is read right or refused with the reason.</summary>
public class FieldRowsTests
{
    public static TheoryData<string, string, string, string> ReadRight => new()
    {
        { "minimind",
            """{"chosen": [{"role": "user", "content": "Say hi."}, {"role": "assistant", "content": "Hi!"}], "rejected": """ +
            """[{"role": "user", "content": "Say hi."}, {"role": "assistant", "content": "No."}]}""", "user: Say hi. | assistant: Hi!",
            "user: Say hi. | assistant: No." },
        { "answer-leads-with-spaces", """{"prompt": "Indent it.", "chosen": "    return 1", "rejected": "return 1"}""",
            "user: Indent it. | assistant:     return 1", "user: Indent it. | assistant: return 1" },
        { "assistant-first",
            """{"prompt": [{"role": "assistant", "content": "Welcome!"}, {"role": "user", "content": "Hi"}], "chosen": """ +
            """[{"role": "assistant", "content": "How can I help?"}], "rejected": [{"role": "assistant", "content": "What?"}]}""",
            "assistant: Welcome! | user: Hi | assistant: How can I help?", "assistant: Welcome! | user: Hi | assistant: What?" },
        { "content-first",
            """{"chosen": [{"content": "Say hi.", "role": "user"}, {"content": "Hi!", "role": "assistant"}], "rejected": [{"content": "Say """ +
            """hi.", "role": "user"}, {"content": "No.", "role": "assistant"}]}""", "user: Say hi. | assistant: Hi!", "user: Say hi. | assistant: No." },
        { "distilabel-input",
            """{"system": "", "input": "Give me a rhyme for moon.", "chosen": "Here you are: spoon.", "rejected": "Here you are: cheese.", "generations": """ +
            """["Here you are: spoon.", "Here you are: cheese."], "order": ["chosen", "rejected"], "labelling_model": "x", "rating": [9.0, """ +
            """3.0], "status": "unchanged"}""", "user: Give me a rhyme for moon. | assistant: Here you are: spoon.",
            "user: Give me a rhyme for moon. | assistant: Here you are: cheese." },
        { "diverges-early-explicit",
            """{"prompt": [{"role": "user", "content": "Hello"}], "chosen": [{"role": "assistant", "content": "Good day!"}, """ +
            """{"role": "user", "content": "A recipe"}, {"role": "assistant", "content": "Soup."}], "rejected": """ +
            """[{"role": "assistant", "content": "What."}, {"role": "user", "content": "A recipe"}, {"role": "assistant", "content": "No."}]}""",
            "user: Hello | assistant: Good day! | user: A recipe | assistant: Soup.", "user: Hello | assistant: What. | user: A recipe | assistant: No." },
        { "empty-system",
            """{"chosen": [{"role": "system", "content": ""}, {"role": "user", "content": "Say hi."}, """ +
            """{"role": "assistant", "content": "Hi!"}], "rejected": [{"role": "system", "content": ""}, {"role": "user", "content": "Say hi."}, """ +
            """{"role": "assistant", "content": "No."}]}""", "system:  | user: Say hi. | assistant: Hi!", "system:  | user: Say hi. | assistant: No." },
        { "empty-user",
            """{"chosen": [{"role": "user", "content": ""}, {"role": "assistant", "content": "Hi!"}], "rejected": [{"role": "user", "content": ""}, """ +
            """{"role": "assistant", "content": "No."}]}""", "user:  | assistant: Hi!", "user:  | assistant: No." },
        { "helpsteer2-preference", """{"split": "train", "prompt": "Say hi.", "response_1": "Hi!", "response_2": "No.", "preference_strength": -2}""",
            "user: Say hi. | assistant: Hi!", "user: Say hi. | assistant: No." },
        { "hh-diverges-early",
            """{"chosen": "\n\nHuman: Hello\n\nAssistant: Good day! What do you need?\n\nHuman: A recipe\n\nAssistant: Try """ +
            """soup.", "rejected": "\n\nHuman: Hello\n\nAssistant: Yes?\n\nHuman: A recipe\n\nAssistant: No."}""",
            "user: Hello | assistant: Good day! What do you need? | user: A recipe | assistant: Try soup.",
            "user: Hello | assistant: Yes? | user: A recipe | assistant: No." },
        { "hh-last-turn",
            """{"chosen": "\n\nHuman: How do I boil an egg?\n\nAssistant: I think eight minutes in hot water is right.", "rejected": "\n\nHuman: How do I """ +
            """boil an egg?\n\nAssistant: I think you should ask a cook."}""",
            "user: How do I boil an egg? | assistant: I think eight minutes in hot water is right.",
            "user: How do I boil an egg? | assistant: I think you should ask a cook." },
        { "lists-as-text",
            """{"chosen": "[{\"role\": \"user\", \"content\": \"Name a big planet.\"}, {\"role\": \"assistant\", \"content\": \"Jupiter is """ +
            """one.\"}]", "rejected": "[{\"role\": \"user\", \"content\": \"Name a big planet.\"}, {\"role\": \"assistant\", \"content\": \"Pluto is """ +
            """one.\"}]"}""", "user: Name a big planet. | assistant: Jupiter is one.", "user: Name a big planet. | assistant: Pluto is one." },
        { "lists-as-text-prompt",
            """{"prompt": "Name a big planet.", "chosen": "[{\"role\": \"user\", \"content\": \"Name a big planet.\"}, {\"role\": \"assistant\", """ +
            """\"content\": \"Jupiter is one.\"}]", "rejected": "[{\"role\": \"user\", \"content\": \"Name a big planet.\"}, {\"role\": \"assistant\", """ +
            """\"content\": \"Pluto is one.\"}]"}""", "user: Name a big planet. | assistant: Jupiter is one.",
            "user: Name a big planet. | assistant: Pluto is one." },
        { "nectar",
            """{"prompt": "\n\nHuman: Say hi.\n\nAssistant: ", "answers": [{"answer": "Hi!", "model": "a", "rank": 1.0}, """ +
            """{"answer": "No.", "model": "b", "rank": 2.0}], "turns": 1, "num_responses": 2}""", "user: Say hi. | assistant: Hi!",
            "user: Say hi. | assistant: No." },
        { "openrlhf-context",
            """{"context": [{"role": "user", "content": "Say hi."}], "chosen": [{"role": "assistant", "content": "Hi!"}], "rejected": """ +
            """[{"role": "assistant", "content": "No."}]}""", "user: Say hi. | assistant: Hi!", "user: Say hi. | assistant: No." },
        { "orca-apart",
            """{"system": "Answer briefly.", "question": "Which metal is liquid at room temperature?", "chosen": "Mercury is.", "rejected": "Iron would """ +
            """be it."}""", "system: Answer briefly. | user: Which metal is liquid at room temperature? | assistant: Mercury is.",
            "system: Answer briefly. | user: Which metal is liquid at room temperature? | assistant: Iron would be it." },
        { "orca-shared-start",
            """{"system": "Answer briefly.", "question": "Which metal is liquid at room temperature?", "chosen": "The metal is """ +
            """mercury.", "rejected": "The metal is iron."}""",
            "system: Answer briefly. | user: Which metal is liquid at room temperature? | assistant: The metal is mercury.",
            "system: Answer briefly. | user: Which metal is liquid at room temperature? | assistant: The metal is iron." },
        { "parts",
            """{"chosen": [{"role": "user", "content": [{"type": "text", "text": "Say hi."}]}, {"role": "assistant", "content": """ +
            """[{"type": "text", "text": "Hi!"}]}], "rejected": [{"role": "user", "content": [{"type": "text", "text": "Say hi."}]}, """ +
            """{"role": "assistant", "content": [{"type": "text", "text": "No."}]}]}""", "user: Say hi. | assistant: Hi!", "user: Say hi. | assistant: No." },
        { "prefilled-answer",
            """{"prompt": [{"role": "user", "content": "Count to three."}, {"role": "assistant", "content": "One,"}], "chosen": """ +
            """[{"role": "assistant", "content": " two, three."}], "rejected": [{"role": "assistant", "content": " five."}]}""",
            "user: Count to three. | assistant: One, | assistant:  two, three.", "user: Count to three. | assistant: One, | assistant:  five." },
        { "prompt-list-answers-text",
            """{"prompt": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Say hi."}], "chosen": "Hi!", "rejected": "No."}""",
            "system: Be kind. | user: Say hi. | assistant: Hi!", "system: Be kind. | user: Say hi. | assistant: No." },
        { "sharegpt-preference",
            """{"conversations": [{"from": "human", "value": "Colour of grass?"}], "chosen": {"from": "gpt", "value": "Green."}, "rejected": """ +
            """{"from": "gpt", "value": "Mauve."}}""", "user: Colour of grass? | assistant: Green.", "user: Colour of grass? | assistant: Mauve." },
        { "ultrafeedback",
            """{"prompt": "Name a river in Peru.", "prompt_id": "ab12", "chosen": [{"role": "user", "content": "Name a river in Peru."}, """ +
            """{"role": "assistant", "content": "The Ucayali."}], "rejected": [{"role": "user", "content": "Name a river in Peru."}, """ +
            """{"role": "assistant", "content": "The Danube."}], "messages": [{"role": "user", "content": "Name a river in Peru."}, """ +
            """{"role": "assistant", "content": "The Ucayali."}], "score_chosen": 8.5, "score_rejected": 2.0}""",
            "user: Name a river in Peru. | assistant: The Ucayali.", "user: Name a river in Peru. | assistant: The Danube." },
    };

    public static TheoryData<string, string, BadRowReason, string> Refused => new()
    {
        { "kto", """{"prompt": [{"role": "user", "content": "Say hi."}], "completion": [{"role": "assistant", "content": "Hi!"}], "label": true}""",
            BadRowReason.MissingField, "'chosen' is missing; a pair has 'chosen' and 'rejected', and the row has 'prompt', 'completion', 'label'." },
        { "nan-score", """{"prompt": "Say hi.", "chosen": "Hi!", "rejected": "No.", "score": NaN}""", BadRowReason.InvalidJson, "invalid JSON at column 68" },
        { "question-answer-chosen-null", """{"prompt": "Say hi.", "chosen": null, "rejected": "No."}""", BadRowReason.MissingField,
            "'chosen' is null; a pair has 'chosen' and 'rejected', and the row has 'prompt', 'chosen', 'rejected'." },
        { "rejected-empty", """{"prompt": "Say hi.", "chosen": "Hi!", "rejected": ""}""", BadRowReason.EmptyAnswer,
            "'rejected' is empty; the answer needs text or 'tool_calls'." },
        { "roles-capital",
            """{"chosen": [{"role": "Human", "content": "Colour of grass?"}, {"role": "Assistant", "content": "Green."}], "rejected": """ +
            """[{"role": "Human", "content": "Colour of grass?"}, {"role": "Assistant", "content": "Mauve."}]}""", BadRowReason.UnknownRole,
            "'chosen[0].role' is 'Human'; it must be one of system, developer, user, assistant, tool, function." },
        { "same", """{"prompt": "Say hi.", "chosen": "Hi!", "rejected": "Hi!"}""", BadRowReason.IdenticalSides,
            "'chosen' and 'rejected' are the same; a pair needs two different answers." },
        { "trailing-comma", """{"prompt": "Say hi.", "chosen": "Hi!", "rejected": "No.",}""", BadRowReason.InvalidJson, "invalid JSON at column " },
        { "alpaca-sft", """{"instruction": "Say hi.", "input": "", "output": "Hi!"}""", BadRowReason.MissingField,
            "'chosen' is missing; a pair has 'chosen' and 'rejected', and the row has 'instruction', 'input', 'output'." },
        { "sft-ends-with-user",
            """{"messages": [{"role": "user", "content": "Say hi."}, {"role": "assistant", "content": "Hi!"}, {"role": "user", "content": "Thanks"}]}""",
            BadRowReason.MissingField, "'chosen' is missing; a pair has 'chosen' and 'rejected', and the row has 'messages'." },
    };

    [Theory]
    [MemberData(nameof(ReadRight))]
    public void Read_RowOfTheField_IsReadRight(string name, string line, string chosen, string rejected) =>
        Said(line).Should().Be((chosen, rejected), "of the case {0}", name);

    [Theory]
    [MemberData(nameof(Refused))]
    public void Read_RowOfTheField_IsRefusedWithTheReason(string name, string line, BadRowReason reason, string message)
    {
        PreferenceDataException fault = Fault(line);
        fault.Reason.Should().Be(reason, "of the case {0}", name);
        fault.Message.Should().StartWith($"dpo.jsonl:1: {message}");
    }

    [Fact]
    public void Read_AnswersInLists_GivesEveryPair() =>
        Said(new PreferenceFileOptions(), """{"prompt": "Say hi.", "chosen": ["Hi!", "Hello!"], "rejected": ["No."]}""").Should().Equal(
            ("user: Say hi. | assistant: Hi!", "user: Say hi. | assistant: No."),
            ("user: Say hi. | assistant: Hello!", "user: Say hi. | assistant: No."));

    [Theory]
    [InlineData(
        """{"chosen": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "<think>\nadd them\n</think>\n\nIt is 4."}], "rejected": """ +
        """[{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "<think>\nguess\n</think>\n\nIt is 5."}]}""")]
    [InlineData(
        """{"chosen": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "<think>\nadd\n</think>\n\nFour."}, """ +
        """{"role": "user", "content": "3+3?"}, {"role": "assistant", "content": "Six."}], "rejected": [{"role": "user", "content": "2+2?"}, """ +
        """{"role": "assistant", "content": "<think>\nadd\n</think>\n\nFour."}, {"role": "user", "content": "3+3?"}, """ +
        """{"role": "assistant", "content": "Seven."}]}""")]
    public void Read_ThoughtsInTheText_StayThere(string line) => Pair(line).Chosen.Should().Contain("<think>\\nadd");

    [Fact]
    public void Read_ThoughtsInAField_StayThere() =>
        Pair("""{"chosen": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "It is 4.", "reasoning_content": "add """ +
            """them"}], "rejected": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "It is 5.", "reasoning_content": "guess"}]}""")
            .Chosen.Should().EndWith("""{"role":"assistant","content":"It is 4.","reasoning_content":"add them"}]""");

    [Fact]
    public void Read_NullFieldsOfMessages_StayAsTheyAre() =>
        Pair("""{"chosen": [{"role": "user", "content": "Say hi.", "name": null, "tool_calls": null}, {"role": "assistant", "content": "Hi!", "name": """ +
            """null, "tool_calls": null}], "rejected": [{"role": "user", "content": "Say hi.", "name": null, "tool_calls": null}, """ +
            """{"role": "assistant", "content": "No.", "name": null, "tool_calls": null}]}""")
            .Chosen.Should()
                .Be("""[{"role":"user","content":"Say """ +
                """hi.","name":null,"tool_calls":null},{"role":"assistant","content":"Hi!","name":null,"tool_calls":null}]""");
}
