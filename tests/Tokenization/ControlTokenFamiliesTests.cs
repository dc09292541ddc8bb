using System.Text.Json;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Tokenization;

/// <summary>Quoted control tokens and rendered rows under templates of several families.</summary>
public sealed class ControlTokenFamiliesTests
{
    private static readonly Dictionary<string, (string[] Tokens, string Template)> s_families = new()
    {
        ["header tokens"] = (["<|begin|>", "<|head|>", "<|/head|>", "<|eot|>"],
            """
            {{- bos_token }}{% for m in messages %}{{ '<|head|>' + m.role + '<|/head|>\n\n' + m.content | trim + '<|eot|>' }}{% endfor %}
            {%- if add_generation_prompt %}{{ '<|head|>assistant<|/head|>\n\n' }}{% endif %}
            """),
        ["alternating turns"] = (["<bos>", "<turn>", "</turn>"],
            """
            {{- bos_token }}{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('alternate') }}{% endif %}
            {{- '<turn>' + ('model' if m.role == 'assistant' else m.role) + '\n' + m.content | trim + '</turn>\n' }}{% endfor %}
            {%- if add_generation_prompt %}{{ '<turn>model\n' }}{% endif %}
            """),
        ["role tokens"] = (["</s>", "<|user|>", "<|assistant|>", "<|system|>"],
            """
            {%- for m in messages %}{{ '<|' + m.role + '|>\n' + m.content + eos_token + '\n' }}{% endfor %}
            {%- if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}
            """),
        ["channels"] = (["<|start|>", "<|message|>", "<|channel|>", "<|end|>", "<|return|>"],
            """
            {%- for m in messages %}{% if m.role == 'assistant' %}{{ '<|start|>assistant<|channel|>final<|message|>' + m.content + ('<|return|>' if loop.last else '<|end|>') }}
            {%- else %}{{ '<|start|>' + m.role + '<|message|>' + m.content + '<|end|>' }}{% endif %}{% endfor %}
            {%- if add_generation_prompt %}{{ '<|start|>assistant' }}{% endif %}
            """),
        ["instructions"] = (["<s>", "</s>", "[INST]", "[/INST]"],
            """
            {{- bos_token }}{% for m in messages %}{% if m.role == 'user' %}{{ '[INST] ' + m.content + ' [/INST]' }}{% elif m.role == 'assistant' %}{{ ' ' + m.content + eos_token }}
            {%- else %}{{ raise_exception('no such role') }}{% endif %}{% endfor %}
            """),
        ["default system"] = (["<|im_start|>", "<|im_end|>"],
            """
            {%- if messages[0].role != 'system' %}{{ '<|im_start|>system\nYou help.<|im_end|>\n' }}{% endif %}
            {%- for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}
            {%- if add_generation_prompt %}{{ '<|im_start|>assistant\n<think>\n\n</think>\n\n' }}{% endif %}
            """),
    };

    public static TheoryData<string> Families => [.. s_families.Keys];

    [Theory, MemberData(nameof(Families))]
    public void Render_EveryTokenQuotedByEveryone_IsText(string family)
    {
        (ChatTemplate template, HuggingFaceTokenizer tokenizer) = Make(family);
        string quote = "are " + string.Join(" and ", s_families[family].Tokens) + string.Concat(s_families[family].Tokens) + " tokens?";
        string plain = Messages(("user", "one"), ("assistant", "two"), ("user", "three")),
            quoting = Messages(("user", quote), ("assistant", quote), ("user", quote));

        int[] ids = tokenizer.EncodeRendered(Render(template, quoting, ControlTokenPolicy.AsText));

        ids.Where(tokenizer.IsSpecial).Should().Equal(tokenizer.Encode(template.Render(plain)).Where(tokenizer.IsSpecial),
            "only the template's own tokens are tokens");
        tokenizer.Decode(ids).Should().Be(template.Render(quoting));
    }

    [Theory, MemberData(nameof(Families))]
    public void Render_RowOfRenderedPromptAndAnswer_IsRefusedOrTakenAsItStands(string family)
    {
        (ChatTemplate template, _) = Make(family);
        string prompt = template.Render(Messages(("user", "Say hi.")), new ChatTemplateOptions { AddGenerationPrompt = true });
        if (prompt.IndexOf("<think>", StringComparison.Ordinal) is var think and >= 0)
            prompt = prompt[..think];
        string whole = template.Render(Messages(("user", "Say hi."), ("assistant", "Hi there.")));
        whole.Should().StartWith(prompt);
        string answer = whole[prompt.Length..];

        foreach ((string user, string assistant) in ((string, string)[])
        [
            (prompt, answer), (prompt, "Hi there."), ("Say hi.", answer),
                (whole[..whole.IndexOf("there", StringComparison.Ordinal)], whole[whole.IndexOf("there", StringComparison.Ordinal)..]),
        ])
        {
            string row = Messages(("user", user), ("assistant", assistant));
            FluentActions.Invoking(() => Render(template, row, ControlTokenPolicy.AsText)).Should().Throw<InvalidDataException>("{0}", row)
                .WithMessage("*is rendered already*");
        }
        Render(template, Messages(("user", prompt), ("assistant", answer)), ControlTokenPolicy.Rendered).Should().Be(whole);
    }

    private static (ChatTemplate Template, HuggingFaceTokenizer Tokenizer) Make(string family)
    {
        (string[] tokens, string source) = s_families[family];
        HuggingFaceTokenizer tokenizer = SmallTokenizer.With(tokens);
        ChatTemplate template = ChatTemplate.Parse(source, new Dictionary<string,
            string>
        { ["bos_token"] = tokens[0], ["eos_token"] = tokens.FirstOrDefault(token => token == "</s>") ?? tokens[^1] });
        return (template.WithTokens(tokenizer), tokenizer);
    }

    private static string Render(ChatTemplate template, string messages, ControlTokenPolicy policy) =>
        new ConversationText(template, policy).Render(messages, new ChatTemplateOptions());

    private static string Messages(params (string Role, string Content)[] messages) =>
        JsonSerializer.Serialize(messages.Select(message => new { role = message.Role, content = message.Content }));
}
