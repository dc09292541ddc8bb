namespace MiniMind.MLNet.Dpo.Tests.Transforms.Masking.Field;

/// <summary>A minimal chat template with a trait of real ones, and what it holds to be an answer.</summary>
/// <param name="Name">The trait.</param>
/// <param name="Source">The template.</param>
/// <param name="Start">What belongs to an answer before its content.</param>
/// <param name="End">What belongs to an answer behind its content.</param>
/// <param name="LastEnd">The same behind the text's last message, where it differs.</param>
internal sealed record FieldTemplate(string Name, string Source, string End, string Start = "", string? LastEnd = null)
{
    private const string ChatMlPrompt = "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}{%- endif -%}";

    /// <summary>Templates whose answers are masked exactly.</summary>
    public static IReadOnlyDictionary<string, FieldTemplate> All { get; } = new FieldTemplate[]
    {
        new("else is the assistant", """
            {%- for m in messages -%}
            {%- if m.role == 'system' -%}{{ '<|system|>\n' + m.content + '<|end|>\n' }}
            {%- elif m.role == 'user' -%}{{ '<|user|>\n' + m.content + '<|end|>\n' }}
            {%- else -%}{{ '<|assistant|>\n' + m.content + '<|end|>\n' }}
            {%- endif -%}
            {%- endfor -%}
            {%- if add_generation_prompt -%}{{ '<|assistant|>\n' }}{%- endif -%}
            """, "<|end|>"),
        new("else is the assistant, plain text, prompt always", """
            {%- for m in messages -%}
            {%- if m.role == 'system' -%}{{ m.content + '\n' }}
            {%- elif m.role == 'user' -%}{{ '### Instruction:\n' + m.content + '\n' }}
            {%- else -%}{{ '### Response:\n' + m.content + '\n<|EOT|>\n' }}
            {%- endif -%}
            {%- endfor -%}
            {{- '### Response:\n' -}}
            """, "\n<|EOT|>"),
        new("prompt always, the source's last line end not written", """
            {%- for m in messages %}<|im_start|>{{ m.role + '\n' + m.content }}<|im_end|>
            {% endfor %}<|im_start|>assistant

            """, "<|im_end|>"),
        new("prompt always, one token a speaker, the source's last line end not written", """
            {%- for m in messages %}{{ '<|' + m.role + '|>\n' + m.content }}<|end|>
            {% endfor %}<|assistant|>

            """, "<|end|>"),
        new("end only behind the last message", """
            {%- for m in messages -%}
            {{ '<|' + m.role + '|>\n' + m.content + '<|end|>\n' }}
            {%- endfor -%}
            {%- if add_generation_prompt -%}{{ '<|assistant|>\n' }}{%- else -%}{{ eos_token }}{%- endif -%}
            """, "<|end|>"),
        new("instructions without alternation", """
            {{- bos_token -}}
            {%- for m in messages -%}
            {%- if m.role == 'user' -%}{{ '[INST] ' + m.content + '[/INST] ' }}
            {%- elif m.role == 'assistant' -%}{{ m.content + eos_token }}
            {%- endif -%}
            {%- endfor -%}
            """, "<EOS>"),
        new("instructions, no start token", """
            {%- for m in messages -%}
            {%- if m.role == 'user' -%}{{ '[INST]' + m.content + '[/INST]' }}
            {%- elif m.role == 'assistant' -%}{{ m.content + eos_token }}
            {%- endif -%}
            {%- endfor -%}
            """, "<EOS>"),
        new("instructions behind a bare system message", """
            {{- bos_token -}}
            {%- for m in messages -%}
            {%- if m.role == 'system' -%}{{ m.content + '\n\n' }}
            {%- elif m.role == 'user' -%}{{ '[INST] ' + m.content + ' [/INST]' }}
            {%- elif m.role == 'assistant' -%}{{ ' ' + m.content + ' ' + eos_token }}
            {%- endif -%}
            {%- endfor -%}
            """, " <EOS>"),
        new("instructions with a system block and tools", """
            {{- bos_token -}}
            {%- for m in messages -%}
            {%- if m.role == 'system' -%}{{ '[INST] <<SYS>>\n' + m.content + '\n<</SYS>>\n\n' }}
            {%- elif m.role == 'user' -%}
            {%- if tools and loop.last -%}{{ '[AVAILABLE_TOOLS] ' + tools|tojson + '[/AVAILABLE_TOOLS]' }}{%- endif -%}
            {{- ('' if loop.previtem is defined and loop.previtem.role == 'system' else '[INST] ') + m.content + ' [/INST]' -}}
            {%- elif m.role == 'assistant' -%}{{ m.content + eos_token }}
            {%- endif -%}
            {%- endfor -%}
            """, "<EOS>"),
        new("a start token for every turn", """
            {%- for m in messages -%}
            {{ bos_token + ('bot' if m.role == 'assistant' else m.role) + '\n' + m.content + eos_token }}
            {%- endfor -%}
            {%- if add_generation_prompt -%}{{ bos_token + 'bot\n' }}{%- endif -%}
            """, "<EOS>"),
        new("default system message", """
            {%- if messages[0].role != 'system' -%}{{ '<|im_start|>system\nYou help with <|im_end|> and more.<|im_end|>\n' }}{%- endif -%}
            {%- for m in messages -%}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{%- endfor -%}
            """ + ChatMlPrompt, "<|im_end|>"),
        new("two end tokens", """
            {{- bos_token + '<|turn|><|system|>Be kind.<|turn_end|>' -}}
            {%- for m in messages -%}
            {%- if m.role == 'assistant' -%}{{ '<|turn|><|bot|><|answer|>' + m.content + '<|answer_end|><|turn_end|>' }}
            {%- else -%}{{ '<|turn|><|' + m.role + '|>' + m.content + '<|turn_end|>' }}
            {%- endif -%}
            {%- endfor -%}
            {%- if add_generation_prompt -%}{{ '<|turn|><|bot|>' }}{%- endif -%}
            """, "<|answer_end|><|turn_end|>", Start: "<|answer|>"),
        new("next header ends", """
            {{- bos_token -}}
            {%- for m in messages -%}
            {{ '<|' + m.role + '|>\n' + m.content }}
            {%- endfor -%}
            {%- if add_generation_prompt -%}{{ '<|assistant|>\n' }}{%- endif -%}
            """, "<|user|>", LastEnd: ""),
        new("next header ends, plain text", """
            {%- for m in messages -%}
            {{ '\n### ' + m.role + ':\n' + m.content }}
            {%- endfor -%}
            {%- if add_generation_prompt -%}{{ '\n### assistant:\n' }}{%- endif -%}
            """, "", LastEnd: ""),
        new("marks around the header, system block", """
            {{- '<|im_start|>system\nKnowledge ends somewhere.\n' -}}
            {%- if messages[0].role == 'system' -%}{{ messages[0].content }}{%- endif -%}
            {{- '<|im_end|>\n' -}}
            {%- for m in messages -%}
            {%- if m.role == 'assistant' -%}
            {% generation %}{{ '<|im_start|>assistant\n' + m.content + '<|im_end|>\n' }}{% endgeneration %}
            {%- elif m.role == 'user' or m.role == 'tool' -%}
            {{ '<|im_start|>user\n' + m.content + '<|im_end|>\n' }}
            {%- endif -%}
            {%- endfor -%}
            """ + ChatMlPrompt, "<|im_end|>\n", Start: "<|im_start|>assistant\n"),
        new("marks around the header", """
            {%- for m in messages -%}
            {%- if m.role == 'assistant' -%}
            {% generation %}{{ '<|im_start|>assistant\n' + m.content + '<|im_end|>\n' }}{% endgeneration %}
            {%- else -%}
            {{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}
            {%- endif -%}
            {%- endfor -%}
            """ + ChatMlPrompt, "<|im_end|>\n", Start: "<|im_start|>assistant\n"),
        new("marks around a part of the header", """
            {%- for m in messages -%}
            {%- if m.role == 'assistant' -%}
            {{ '<|im_start|>' }}{% generation %}{{ 'assistant\n' + m.content + '<|im_end|>' }}{% endgeneration %}{{ '\n' }}
            {%- else -%}
            {{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}
            {%- endif -%}
            {%- endfor -%}
            """ + ChatMlPrompt, "<|im_end|>", Start: "assistant\n"),
        new("marks, the end in one of its own", """
            {{- bos_token -}}
            {%- for m in messages -%}
            {{ '<|turn|>' + ('model' if m.role == 'assistant' else m.role) + '\n' }}
            {%- if m.role == 'assistant' -%}
            {% generation %}{{ m.content }}{% endgeneration %}{% generation %}{{ '<|stop|>' }}{% endgeneration %}
            {%- else -%}
            {{ m.content + '<|stop|>' }}
            {%- endif -%}
            {{ '\n' }}
            {%- endfor -%}
            {%- if add_generation_prompt -%}{{ '<|turn|>model\n' }}{%- endif -%}
            """, "<|stop|>"),
        new("marks, header and end and content each in one", """
            {%- for m in messages -%}
            {%- if m.role == 'assistant' -%}
            {% generation %}{{ '<|bot|>' }}{% endgeneration %}{% generation %}{{ m.content }}{% endgeneration %}{% generation %}{{ '<|stop|>\n' }}{% endgeneration %}
            {%- else -%}
            {{ '<|' + m.role + '|>' + m.content + '<|stop|>\n' }}
            {%- endif -%}
            {%- endfor -%}
            {%- if add_generation_prompt -%}{{ '<|bot|>' }}{%- endif -%}
            """, "<|stop|>\n", Start: "<|bot|>"),
        new("marks without the end", """
            {%- for m in messages -%}
            {{ '<|im_start|>' + m.role + '\n' }}
            {%- if m.role == 'assistant' -%}{% generation %}{{ m.content }}{% endgeneration %}{%- else -%}{{ m.content }}{%- endif -%}
            {{ '<|im_end|>\n' }}
            {%- endfor -%}
            """ + ChatMlPrompt, ""),
        new("marks behind the end token", """
            {%- for m in messages -%}
            {{ '<|' + m.role + '|>\n' }}
            {%- if m.role == 'assistant' -%}{% generation %}{{ m.content + '<|end|>\n' }}{% endgeneration %}{%- else -%}{{ m.content + '<|end|>\n' }}{%- endif -%}
            {%- endfor -%}
            {%- if add_generation_prompt -%}{{ '<|assistant|>\n' }}
            {%- elif messages[-1].role == 'assistant' -%}{% generation %}{{ eos_token }}{% endgeneration %}
            {%- else -%}{{ eos_token }}{%- endif -%}
            """, "<|end|>\n", LastEnd: "<|end|>\n<EOS>"),
        new("marks around the next header", """
            {{- bos_token -}}
            {%- for m in messages -%}
            {%- if m.role == 'assistant' -%}
            {{ '<|assistant|>' }}{% generation %}{{ m.content }}{%- if not loop.last -%}{{ '<|user|>' }}{%- endif -%}{% endgeneration %}
            {%- elif m.role == 'user' -%}
            {%- if loop.first or loop.previtem.role != 'assistant' -%}{{ '<|user|>' }}{%- endif -%}{{ m.content }}
            {%- else -%}{{ '<|system|>' + m.content }}
            {%- endif -%}
            {%- endfor -%}
            {%- if add_generation_prompt -%}{{ '<|assistant|>' }}{%- endif -%}
            """, "<|user|>", LastEnd: ""),
        new("marks with a header that goes on behind the prompt", """
            {{- '<|start|>system<|message|>You help.<|end|>' -}}
            {%- for m in messages -%}
            {%- if m.role == 'assistant' -%}
            {% generation %}{{ '<|start|>assistant<|channel|>final<|message|>' + m.content + ('<|return|>' if loop.last else '<|end|>') }}{% endgeneration %}
            {%- else -%}
            {{ '<|start|>' + m.role + '<|message|>' + m.content + '<|end|>' }}
            {%- endif -%}
            {%- endfor -%}
            {%- if add_generation_prompt -%}{{ '<|start|>assistant' }}{%- endif -%}
            """, "<|end|>", Start: "<|start|>assistant<|channel|>final<|message|>", LastEnd: "<|return|>"),
    }.ToDictionary(template => template.Name);

    /// <summary>Templates that do not tell their answers, and what the refusal says.</summary>
    public static IReadOnlyDictionary<string, (string Source, string Says)> Refused { get; } = new Dictionary<string, (string, string)>
    {
        ["nothing between messages"] = ("{% for m in messages %}{{ m.content }}{{ eos_token }}{% endfor %}",
            "it begins a user's message as it begins an answer"),
        ["everyone alike"] = ("{% for m in messages %}{{ '<|im_start|>message\n' + m.content + '<|im_end|>\n' }}{% endfor %}",
            "it begins a user's message as it begins an answer"),
        ["a system message written as an answer"] =
            ("{% for m in messages %}{% if m.role == 'user' %}{{ '<|user|>' + m.content + '<|end|>' }}{% else %}{{ '<|assistant|>' + m.content + '<|end|>' " +
                "}}{% endif %}{% endfor %}", "it begins a system message as it begins an answer"),
        ["contents as lists of parts only"] =
            ("{% for m in messages %}{{ '<|' + m.role + '|>' }}{% for part in m.content if part.type is defined %}{{ part.text }}{% endfor %}{{ '<|end|>' " +
                "}}{% endfor %}", "no content of an assistant's message"),
        ["prompt always, with a think block"] =
            ("{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}{{ '<|im_start|>assistant\n<think>\n' }}",
                "<|im_end|>\" and \"<think>\\n\", and should hold \"QjBxWv7z<|im_end|>\"."),
        ["refuses everything"] = ("{{ raise_exception('no') }}", "refuses every trial conversation"),
        ["marks in the last turn only"] =
            ("{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' }}{% if m.role == 'assistant' and loop.last %}{% generation %}{{ m.content + " +
                "'<|im_end|>' }}{% endgeneration %}{% else %}{{ m.content + '<|im_end|>' }}{% endif %}{{ '\n' }}{% endfor %}",
                "it begins an answer that its generation marks leave out as it begins an answer"),
        ["nothing before a user's message"] = ("{% for m in messages %}{{ ('Answer:' if m.role == 'assistant' else '') + m.content }}{% endfor %}",
            "In a trial conversation (user, assistant, user, assistant) the mask holds \"Qj"),
    };
}
