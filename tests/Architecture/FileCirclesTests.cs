namespace MiniMind.MLNet.Dpo.Tests.Architecture;

public sealed class FileCirclesTests
{
    /// <summary>The folders whose files are checked, and how many files the largest circle may have.</summary>
    [Theory]
    [InlineData("ChatTemplates", 3)]
    [InlineData("CpuKernels", 3)]
    [InlineData("Distributed", 3)]
    [InlineData("Data", 3)]
    [InlineData("Transforms", 3)]
    [InlineData("Modeling", 3)]
    [InlineData("Weights", 3)]
    [InlineData("Training", 3)]
    [InlineData("Generation", 3)]
    [InlineData("Judging", 3)]
    [InlineData("Reports", 3)]
    public void Files_OfAFolder_HaveNoLargeCircles(string folder, int largest)
    {
        Dictionary<string, string> sources = LibrarySources.Of(folder);
        sources.Should().HaveCountGreaterThan(10, "the test must see the sources");

        FileCircles.Of(sources).Where(circle => circle.Length > largest).Select(circle => string.Join(" ", circle)).Should().BeEmpty();
    }

    /// <summary>Folders with larger circles, which may shrink and not grow: the files of each, and why they are one.</summary>
    public static TheoryData<string, string, string> Known => new()
    {
        {
            "Estimators",
            "Checkpointing DpoTrainer.Options DpoTrainer DpoTraining FeedbackWatch KtoTrainer.Options KtoTrainer KtoTraining LearningRateMeasurement " +
            "MemoryAdvice OptionList PairNumbers PreferenceExampleReader PreferenceWatch RateTrials RecordKeeping RunAgreement RunDescriber " +
            "SftTrainer.Options SftTrainer SupervisedWatch TrainingEngine TrainingWatch",
            "what is common to the trainers reads some options of one trainer only"
        },
        {
            "Tokenization",
            "ChatTemplate ChatTemplateConfig ContentMarker ControlTokens TemplateFrames",
            "a template's turns are found by rendering it"
        },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public void Files_OfAFolderWithKnownCircles_HaveNoOthers(string folder, string known, string why)
    {
        HashSet<string>[] allowed = [.. known.Split(", ").Select(circle => circle.Split(' ').Select(name => $"{folder}/{name}.cs").ToHashSet())];
        string[][] found = [.. FileCircles.Of(LibrarySources.Of(folder)).Where(circle => circle.Length > 3)];

        found.Where(circle => !allowed.Any(files => files.IsSupersetOf(circle))).Select(circle => string.Join(" ", circle)).Should().BeEmpty(why);
        allowed.Except(found.Select(circle => allowed.FirstOrDefault(files => files.SetEquals(circle)))).Should()
            .BeEmpty("a circle that has become smaller or is gone is listed as it is now");
    }

    [Fact]
    public void Of_FilesThatNeedOneAnother_AreACircle()
    {
        Dictionary<string, string> sources = new()
        {
            ["A.cs"] = "namespace N;\npublic class A { B? _b; }",
            ["B.cs"] = "namespace N;\ninternal sealed record B(int X) { object C() => new C(); }",
            ["C.cs"] = "namespace N;\nstatic class Hidden;\ninternal class C { string Text => $\"{nameof(A)}\"; }",
            ["D.cs"] = "namespace N;\ninternal class D { A? _a; E? _e; }",
            ["E.cs"] = "namespace N;\ninternal interface E { D[] All { get; } }",
            ["F.cs"] = "namespace N;\ninternal class F { E[] All => [.. G.All]; }",
            ["G.cs"] = "namespace N;\ninternal class G { public static E[] All => []; }",
        };

        FileCircles.Of(sources).Should().BeEquivalentTo(new[] { new[] { "A.cs", "B.cs", "C.cs" }, ["D.cs", "E.cs"] }, options => options.WithStrictOrdering());
        FileCircles.Uses(sources)["F.cs"].Should().BeEquivalentTo("E.cs", "G.cs");
    }

    [Theory]
    [InlineData("class A { /* B */ string Text => \"B\"; } // B")]
    [InlineData("class A { object C(A other) => other.B; }")]
    [InlineData("class A { object C(A other) => other.Get().B; }")]
    [InlineData("class A { int Be, aB; }")]
    public void Uses_NameThatIsNoType_IsNone(string a) =>
        FileCircles.Uses(new Dictionary<string, string> { ["A.cs"] = $"namespace N;\n{a}", ["B.cs"] = "namespace N;\npublic class B;" })["A.cs"]
            .Should().BeEmpty();

    [Theory]
    [InlineData("class A { B.Kind C; }", "N/B.cs")]
    [InlineData("class A { O.B? _b; }", "O/B.cs")]
    [InlineData("using Root.O;\nclass A : B;", "O/B.cs")]
    [InlineData("class A { B<A>? _b; }", "N/B.cs")]
    public void Uses_TypesOfOneName_AreToldByTheirNamespaces(string a, string used)
    {
        string code = a.StartsWith("using", StringComparison.Ordinal) ? a.Replace(";\n", ";\nnamespace Root.M;\n") : $"namespace Root.N;\n{a}";
        Dictionary<string, string> sources = new()
        {
            ["A.cs"] = code,
            ["N/B.cs"] = "namespace Root.N;\npublic class B;",
            ["O/B.cs"] = "namespace Root.O;\npublic class B;",
        };

        FileCircles.Uses(sources)["A.cs"].Should().Equal(used);
    }

    [Fact]
    public void Uses_Delegate_IsItsNameAndNotWhatItGives()
    {
        Dictionary<string, string[]> uses = FileCircles.Uses(new Dictionary<string, string>
        {
            ["A.cs"] = "namespace N;\ninternal class A { void B() { } }",
            ["C.cs"] = "namespace N;\ninternal unsafe delegate void C(A a, nint* b);",
            ["D.cs"] = "namespace N;\nclass D { C? _c; }",
        });

        uses["A.cs"].Should().BeEmpty();
        uses["C.cs"].Should().Equal("A.cs");
        uses["D.cs"].Should().Equal("C.cs");
    }

    [Theory]
    [InlineData("class A { P? _p; }", "P.cs")]
    [InlineData("class A { object B => P.Make(1); }", "P.Factories.cs")]
    [InlineData("class A { P.Options? _options; }", "P.Options.cs")]
    [InlineData("class A { object B => P.Zero; }", "P.cs")]
    [InlineData("class A { object B => new N.P.Options(); }", "P.Options.cs")]
    public void Uses_PartialType_AreThePartThatDeclaresWhatIsNamed(string a, string used) =>
        FileCircles.Uses(Parts($"namespace Root.N;\n{a}"))["A.cs"].Should().Equal(used);

    [Fact]
    public void Uses_PartOfAType_AreThoseWhoseMembersItNames()
    {
        Dictionary<string, string[]> uses = FileCircles.Uses(Parts("namespace Root.N;\nclass A;"));

        uses["P.cs"].Should().BeEmpty("it names neither the factories nor the options");
        uses["P.Factories.cs"].Should().BeEquivalentTo("P.cs", "P.Options.cs");
        FileCircles.Of(Parts("namespace Root.N;\ninternal sealed class A : P { object C => P.Make(1); }")).Should()
            .BeEmpty("what is made does not name what makes");
    }

    private static Dictionary<string, string> Parts(string a) => new()
    {
        ["A.cs"] = a,
        ["P.cs"] = "namespace Root.N;\npublic partial class P\n{\n    public static int Zero => 0;\n}",
        ["P.Factories.cs"] =
            "namespace Root.N;\npublic partial class P\n{\n    public static P Make(int x) => Check(new Options());\n" +
            "    private static P? Check(Options o) => null;\n}",
        ["P.Options.cs"] = "namespace Root.N;\npublic partial class P\n{\n    public sealed record Options\n    {\n    }\n}",
    };
}
