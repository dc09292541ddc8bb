using MiniMind.MLNet.Dpo.Tests.Transforms.Masking.Field;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Masking;

/// <summary>Turns of which text, and no token, tells something: how a tool call's answer closes, and what a message begins with.</summary>
public sealed class TurnTextTests
{
    [Fact]
    public void Mask_PlainTextWithToolCalls_HoldsWhatClosesTheCallAndTheEndOfTheTurn()
    {
        const string Source = """
            {%- for m in messages -%}
            {%- if m.role == 'assistant' -%}
            {{- '### Response:\n' + m.content -}}
            {%- for call in m.tool_calls or [] -%}
            {%- set arguments = call.function.arguments -%}
            {{- '[CALL ' + (arguments if arguments is string else arguments | tojson) + ']' -}}
            {%- endfor -%}
            {{- '\n\n' -}}
            {%- else -%}{{ '### ' + m.role + ':\n' + m.content + '\n\n' }}{%- endif -%}
            {%- endfor -%}
            {%- if add_generation_prompt -%}{{ '### Response:\n' }}{%- endif -%}
            """;

        Masked(Source, """
            [{"role": "user", "content": "hello"},
             {"role": "assistant", "content": "", "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": {"a": "the"}}}]},
             {"role": "tool", "content": "is"}, {"role": "assistant", "content": "world"}]
            """).Should().Equal("[CALL {\"a\": \"the\"}]\n\n", "world\n\n");
    }

    [Fact]
    public void Mask_HeaderThatGoesOnBehindItsLineForSomeMessages_EndsAnswersBeforeAnyMessage()
    {
        const string Source = """
            {%- for m in messages -%}
            {{- '<|im_start|>' + m.role + '\n' + ('Asked: ' if m.role != 'assistant' and m.content | length > 5 else '') + m.content + '<|im_end|>\n' -}}
            {%- endfor -%}
            {%- if add_generation_prompt -%}{{ '<|im_start|>assistant\n' }}{%- endif -%}
            """;

        Masked(Source, """
            [{"role": "user", "content": "hello world"}, {"role": "assistant", "content": "the"},
             {"role": "user", "content": "is"}, {"role": "assistant", "content": "is"}]
            """).Should().Equal("the<|im_end|>", "is<|im_end|>");
    }

    private static string[] Masked(string source, string messages)
    {
        TemplateTrial trial = new(source);
        return trial.Masked(trial.Rule(), trial.Render(messages, addGenerationPrompt: false)!.Text);
    }
}
