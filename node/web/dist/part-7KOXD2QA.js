import{a as e}from"./part-KQCTQGGO.js";var c,a=e(()=>{c=["en"]});export{a,c as b};
