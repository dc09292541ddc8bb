using System.Reflection;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

/// <summary>What optimizers and schedules tell of themselves makes the same ones.</summary>
public sealed class ChoiceParametersTests
{
    public static TheoryData<string> Optimizers() => ["AdamW", "RmsProp", "Sgd"];

    public static TheoryData<string> Schedules() => ["Cosine", "Linear", "Constant"];

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Parameters_OfAnOptimizer_MakeTheSame(string name)
    {
        OptimizerOptions made = (OptimizerOptions)Make(typeof(OptimizerOptions), name, Other);

        made.Name.Should().Be(name);
        ((OptimizerOptions)Make(typeof(OptimizerOptions), made.Name, parameter => made.Parameters[parameter.Name!])).Description.Should().Be(made.Description)
            .And.NotBe(((OptimizerOptions)Make(typeof(OptimizerOptions), name, parameter => parameter.DefaultValue!)).Description);
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void Parameters_OfASchedule_MakeTheSame(string name)
    {
        ScheduleOptions made = (ScheduleOptions)Make(typeof(ScheduleOptions), name, Other);

        made.Name.Should().Be(name);
        ((ScheduleOptions)Make(typeof(ScheduleOptions), made.Name, parameter => made.Parameters[parameter.Name!])).Description.Should().Be(made.Description)
            .And.NotBe(((ScheduleOptions)Make(typeof(ScheduleOptions), name, parameter => parameter.DefaultValue!)).Description);
    }

    [Fact]
    public void MiniMindCosine_Property_HasItsName() => ScheduleOptions.MiniMindCosine.Should()
        .BeEquivalentTo(new { Name = nameof(ScheduleOptions.MiniMindCosine), Parameters = new Dictionary<string, object>() });

    private static object Make(Type type, string name, Func<ParameterInfo, object> value)
    {
        MethodInfo method = type.GetMethod(name)!;
        return method.Invoke(null, [.. method.GetParameters().Select(value)])!;
    }

    private static object Other(ParameterInfo parameter) => parameter.DefaultValue switch
    {
        bool flag => !flag,
        int number => number + 3,
        _ => 0.25 + parameter.Position / 16.0,
    };
}
