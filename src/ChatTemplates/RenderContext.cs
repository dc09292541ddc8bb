using System.Runtime.CompilerServices;
using MiniMind.MLNet.Dpo.ChatTemplates.Syntax;

namespace MiniMind.MLNet.Dpo.ChatTemplates;

/// <summary>One rendering under way: where it is in the template, where its text goes, and what it may still use.</summary>
internal sealed class RenderContext
{
    private readonly TemplateSource _source;
    private readonly RenderLimits _limits;
    private readonly ICollection<(int Start, int Length)>? _spans;
    private readonly TextBuffer _root;
    private long _steps;
    private long _bytes;
    private int _depth;
    private int _offset;

    public RenderContext(TemplateSource source, RenderLimits limits, TimeProvider clock, ICollection<(int Start, int Length)>? spans)
    {
        _source = source;
        _limits = limits;
        _spans = spans;
        _steps = limits.Steps;
        _bytes = limits.AllocatedBytes;
        Clock = clock;
        Output = _root = new TextBuffer(this, captured: false);
    }

    public TimeProvider Clock { get; }

    /// <summary>Where text goes now: the rendering itself, or a macro's or block's captured text.</summary>
    public TextBuffer Output { get; private set; }

    /// <summary>A fault at the place being evaluated.</summary>
    public TemplateException Error(string reason) => _source.Error(reason, _offset);

    /// <summary>Notes the place that an error would name.</summary>
    public void At(int offset) => _offset = offset;

    /// <summary>Begins an expression, block, call or nested value at a place; <see cref="Leave"/> ends it, unless an exception ends the rendering.</summary>
    public void Enter(int offset)
    {
        _offset = offset;
        Enter();
    }

    public void Enter()
    {
        if (++_depth > _limits.Depth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw Error($"nests deeper than {_limits.Depth} levels, or than the thread's stack allows");
        Step();
    }

    public void Leave() => _depth--;

    /// <summary>Accounts for work done.</summary>
    public void Step(long count = 1)
    {
        if ((_steps -= count) < 0)
            throw Error($"does more than {_limits.Steps} steps of work; a loop may have no end");
    }

    /// <summary>Accounts for looking through text; 16 characters are a step.</summary>
    public void Scan(int characters) => Step(1 + (characters >> 4));

    /// <summary>Accounts for a string about to be made.</summary>
    public void ChargeText(long characters)
    {
        RequireLength(characters);
        Step(1 + (characters >> 4));
        ChargeBytes(24 + 2 * characters);
    }

    /// <summary>Accounts for list items about to be made.</summary>
    public void ChargeItems(long count)
    {
        Step(1 + count);
        ChargeBytes(32 + 40 * count);
    }

    /// <summary>Refuses text of more characters than a rendering may have.</summary>
    public void RequireLength(long characters)
    {
        if (characters > _limits.OutputCharacters)
            throw Error($"makes a text of more than {_limits.OutputCharacters} characters");
    }

    /// <summary>The text that <paramref name="body"/> renders, kept out of the output.</summary>
    public string Capture<T>(T state, Action<RenderContext, T> body)
    {
        TextBuffer outer = Output;
        Output = new TextBuffer(this, captured: true);
        body(this, state);
        string text = Output.ToString();
        Output = outer;
        ChargeText(text.Length);
        return text;
    }

    /// <summary>Where a piece marked as the model's own begins; <see cref="EndGeneration"/> takes it back.</summary>
    public int BeginGeneration()
    {
        if (_spans is not null && Output != _root)
            throw Error("{% generation %} inside a macro, call, filter or set block has no place in the rendered text");
        return Output.Length;
    }

    public void EndGeneration(int start) => _spans?.Add((start, Output.Length - start));

    /// <summary>Accounts for memory about to be used.</summary>
    public void ChargeBytes(long bytes)
    {
        if ((_bytes -= bytes) < 0)
            throw Error($"makes strings and lists of more than {_limits.AllocatedBytes >> 20} MB");
    }
}
