using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>Chat templates that write tools and calls in the forms that models are trained with, in ChatML's turns.</summary>
internal static class ToolTemplates
{
    private const string Begin =
        """
        {%- if tools %}{{- '<|im_start|>system\n' ~ tools | tojson ~ '<|im_end|>\n' }}{%- endif %}
        {%- for m in messages %}
        {%- if m.role == 'tool' %}{{- '<|im_start|>user\n<tool_response>\n' ~ m.content ~ '\n</tool_response><|im_end|>\n' }}
        {%- else %}{{- '<|im_start|>' ~ m.role ~ '\n' }}
        """;

    private const string End =
        """
        {{- '<|im_end|>\n' }}{%- endif %}{%- endfor %}
        {%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{%- endif %}
        """;

    private const string Reasoning = "{%- if m.reasoning_content %}{{- '<think>\\n' ~ m.reasoning_content ~ '\\n</think>\\n\\n' }}{%- endif %}";

    /// <summary><c>&lt;tool_call&gt;{"name": ..., "arguments": ...}&lt;/tool_call&gt;</c>, as Hermes, Qwen and MiniMind.</summary>
    public static ChatTemplate Hermes { get; } = ChatTemplate.Parse(Begin + Reasoning +
        """
        {{- m.content }}
        {%- for call in m.tool_calls or [] %}
        {%- if m.content or not loop.first %}{{- '\n' }}{%- endif %}
        {{- '<tool_call>\n{"name": "' ~ call.function.name ~ '", "arguments": ' ~ call.function.arguments | tojson ~ '}\n</tool_call>' }}
        {%- endfor %}
        """ + End);

    /// <summary>The same, and it always opens the reasoning itself.</summary>
    public static ChatTemplate Opening { get; } = ChatTemplate.Parse(Hermes.Source + "{%- if add_generation_prompt %}{{- '<think>\\n' }}{%- endif %}");

    /// <summary>An answer that is a call is its JSON alone, and only one at a time, as Llama 3.</summary>
    public static ChatTemplate Bare { get; } = ChatTemplate.Parse(Begin +
        """
        {%- if m.tool_calls %}
        {%- if m.tool_calls | length != 1 %}{{ raise_exception('one call at a time') }}{%- endif %}
        {{- '{"name": "' ~ m.tool_calls[0].function.name ~ '", "parameters": ' ~ m.tool_calls[0].function.arguments | tojson ~ '}' }}
        {%- else %}{{- m.content }}{%- endif %}
        """ + End);

    /// <summary>A list behind a mark, as Mistral, whose calls need identifiers of nine characters.</summary>
    public static ChatTemplate List { get; } = ChatTemplate.Parse(Begin +
        """
        {%- if m.tool_calls %}{{- '[TOOL_CALLS] [' }}
        {%- for call in m.tool_calls %}
        {%- if call.id is not defined or call.id | length != 9 %}{{ raise_exception('identifiers have nine characters') }}{%- endif %}
        {{- (call.function | tojson)[:-1] ~ ', "id": "' ~ call.id ~ '"}' ~ (']' if loop.last else ', ') }}
        {%- endfor %}
        {%- else %}{{- m.content }}{%- endif %}
        """ + End);

    /// <summary>Calls as elements, which are no JSON.</summary>
    public static ChatTemplate Elements { get; } = ChatTemplate.Parse(Begin +
        """
        {{- m.content }}
        {%- for call in m.tool_calls or [] %}
        {{- '<tool_call>\n<function=' ~ call.function.name ~ '>\n' }}
        {%- for key, value in call.function.arguments.items() %}{{- '<parameter=' ~ key ~ '>\n' ~ value ~ '\n</parameter>\n' }}{%- endfor %}
        {{- '</function>\n</tool_call>' }}
        {%- endfor %}
        """ + End);

    /// <summary>Tells of tools, and forgets calls.</summary>
    public static ChatTemplate Forgetful { get; } = ChatTemplate.Parse(Begin + "{{- m.content }}" + End);
}
